"""The node lab: booted containers as cluster nodes on one machine. `Lab` is what tests use."""

from .errors import LabError
from .lab import Lab, OnResult

__all__ = ["Lab", "LabError", "OnResult"]
