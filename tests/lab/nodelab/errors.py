"""The one exception the lab raises for what a person can act on."""


class LabError(Exception):
    """Says what went wrong and, where known, what to do about it."""
