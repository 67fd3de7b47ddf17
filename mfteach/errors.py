"""The error that the command line prints as one line."""


class UsageError(Exception):
    """What was asked for cannot be done; one line that names the culprit and the cure."""
