"""What a caller gave: checked for type and range, and named in the caller's own words if wrong.

Lessons: all, through the other folders.
"""

from mfteach.arguments.checks import (
    cut,
    flag,
    function,
    generator,
    having,
    instance,
    listed,
    mapping,
    one_of,
    path,
    real_number,
    real_numbers,
    row_numbers,
    shown,
    text,
    whole_number,
)
from mfteach.arguments.errors import FUNCTION, Cure, InputError, Interface, WrongType, about, worded

__all__ = [
    "FUNCTION",
    "Cure",
    "InputError",
    "Interface",
    "WrongType",
    "about",
    "cut",
    "flag",
    "function",
    "generator",
    "having",
    "instance",
    "listed",
    "mapping",
    "one_of",
    "path",
    "real_number",
    "real_numbers",
    "row_numbers",
    "shown",
    "text",
    "whole_number",
    "worded",
]
