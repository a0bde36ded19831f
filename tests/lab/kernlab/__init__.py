"""The kernel lab: emulated machines with Debian's own kernels as cluster nodes. `KernLab` is what tests use."""

from .lab import KernLab

__all__ = ["KernLab"]
