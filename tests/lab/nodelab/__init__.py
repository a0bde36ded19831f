"""The node lab: booted containers as cluster nodes on one machine. `Lab` is what tests use."""

from .driven import OnResult
from .errors import LabError
from .lab import Lab

__all__ = ["Lab", "LabError", "OnResult"]
