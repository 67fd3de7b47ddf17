"""What a caller gave: checked for type and range, and named in the caller's own words if wrong.

Lessons: all, through the other folders.
"""

from mfteach.arguments.errors import FUNCTION, Cure, InputError, Interface, WrongType, worded

__all__ = [
    "FUNCTION",
    "Cure",
    "InputError",
    "Interface",
    "WrongType",
    "worded",
]
