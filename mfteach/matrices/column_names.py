"""Which column holds the users, which the items, which the ratings."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mfteach.arguments import InputError, listed, shown

ROLES = ("users", "items", "values")
# MovieLens' names, and how the columns of other collections are called, in small letters and
# without signs: "User-ID", "user_id" and "userId" are one name.
DEFAULTS = {"users": "userId", "items": "movieId", "values": "rating"}
KNOWN = {
    "users": {
        *("user", "users", "userid", "uid", "username", "reviewer", "reviewerid", "customer"),
        *("customerid", "rater", "raterid", "memberid", "visitorid", "accountid", "playerid"),
    },
    "items": {
        *("item", "items", "itemid", "iid", "movie", "movieid", "filmid", "isbn", "book"),
        *("bookid", "asin", "parentasin", "product", "productid", "business", "businessid"),
        *("artist", "artistid", "animeid", "gameid", "jokeid", "songid", "trackid", "recipeid"),
    },
    "values": {
        *("rating", "ratings", "star", "stars", "score", "overall", "bookrating", "userrating"),
        *("reviewscore", "reviewrating", "weight", "plays", "playcount", "value", "preference"),
    },
}
KNOWN_TIMES = {"timestamp", "time", "unixreviewtime", "date", "ratedat", "datetime"}
# Columns of numbers that are no ratings either, nor is any whose name ends in "id".
OTHER_NUMBERS = {"year", "releaseyear", "age", "zip", "zipcode", "index", "unnamed0", ""}
SPOKEN_ROLES = {"users": "users", "items": "items", "values": "ratings"}
WIDE = "; a table with a column for each item has to be written with one rating a line first"
# How much the column of a name looks like ratings.
Likeness = Callable[[str], int]
COUNTS = ("no", "one", "two", "three")
# What tells a collection that writes a number where there is no rating, and where it does:
# BookCrossing, MyAnimeList, Goodreads.
NO_RATING = {
    "bookrating": ("bookrating", 0.0),
    "animeid": ("rating", -1.0),
    "isread": ("rating", 0.0),
}


class MissingColumn(InputError):
    """A column that is not there, or that nobody has named."""


class Wanted(NamedTuple):
    """How a person names the columns, None for what is to be found; and which are needed."""

    users: str | None = None
    items: str | None = None
    values: str | None = None
    columns: tuple[int, ...] | None = None
    roles: tuple[str, ...] = ROLES

    @property
    def named(self) -> list[str]:
        """The names that were given."""
        return [name for name in self[:3] if name is not None]

    @property
    def counted(self) -> tuple[int, ...]:
        """Numbers of columns, as an example: as many as are needed."""
        return tuple(range(1, len(self.roles) + 1))


def normalized(name: str) -> str:
    """A name as `KNOWN` spells it."""
    return re.sub(r"[\W_]+", "", str(name)).lower()


def are_known(present: Sequence[str], roles: Sequence[str] = ROLES) -> bool:
    """Whether a name of each role is among these."""
    names = set(map(normalized, present))
    return all(names & KNOWN[role] for role in roles)


def may_be_ratings(name: str) -> bool:
    """Whether numbers under this name may be ratings: ids and times are numbers too."""
    spoken = normalized(name)
    others = KNOWN["users"] | KNOWN["items"] | KNOWN_TIMES | OTHER_NUMBERS
    return spoken not in others and not spoken.endswith("id")


def by_name(
    present: Sequence[str], wanted: Wanted, name: str, likeness: Likeness | None = None
) -> tuple[int, ...]:
    """The places of the users, items and values among the names of the columns.

    Parameters
    ----------
    present : sequence of str
        The names of the columns.
    wanted : Wanted
    name : str
        What messages call the file.
    likeness : callable, optional
        How much the column of a name looks like ratings, from 0 for not at all, where somebody
        has looked at the lines below.

    Raises
    ------
    InputError
        For a column that is missing, there twice, or wanted for two things; the message lists
        the columns that there are.
    """
    places = tuple(_place(role, present, wanted, name, likeness) for role in wanted.roles)
    _require_different(places, present, name, wanted)
    return places


def _require_different(
    places: Sequence[int], present: Sequence[str], name: str, wanted: Wanted
) -> None:
    """Refuse one column for two things."""
    for role, place in zip(wanted.roles, places, strict=True):
        other = wanted.roles[places.index(place)]
        if other != role:
            free = Wanted(roles=wanted.roles)
            example: dict[str, Any] = _example(present, free)
            raise InputError(
                f"{name}: column {shown(present[place])} cannot be both the {other} and the "
                f"{role}; its columns are {listed(present)}",
                f"Name different ones, such as {{{other}}} and {{{role}}}",
                otherwise="Count them instead: {columns}",
                columns=_numbers(present, free),
                cures=(),
                **{key: example[key] or present[-1] for key in (other, role)},
            )


def places_of(
    present: Sequence[str], wanted: Wanted, name: str, likeness: Likeness | None = None
) -> tuple[int, ...]:
    """The places of the users, items and values, by number or by name; see `by_name`."""
    if wanted.columns is None:
        return by_name(present, wanted, name, likeness)
    return _by_number(present, wanted, name)


def _by_number(present: Sequence[str], wanted: Wanted, name: str) -> tuple[int, ...]:
    """The places of the columns that somebody has counted, from 1 on.

    Raises
    ------
    InputError
        If they are not different ones of those that there are, or not as many as are needed.
    """
    numbers, needed = wanted.columns or (), _in_words(wanted)
    if wanted.named:
        raise InputError(
            "the columns are both named and numbered",
            "Leave {columns} out, or the names",
            columns=numbers,
        )
    right = len(numbers) == len(wanted.roles) and all(0 < at <= len(present) for at in numbers)
    if not right and len(present) < len(wanted.roles):
        raise InputError(f"{name} has {_columns(len(present))}, and {needed}", _lacking(wanted))
    if not right:
        raise InputError(
            f"{name} has {_columns(len(present))}, and {needed}; not {listed(numbers)}",
            "Count from 1: {columns}",
            columns=wanted.counted,
        )
    if len(set(numbers)) < len(numbers):
        roles = [SPOKEN_ROLES[role] for role in wanted.roles]
        raise InputError(
            f"{name}: one column cannot hold two of {_and(roles)}, as in {listed(numbers)}",
            f"Number {COUNTS[len(roles)]}, such as {{columns}}",
            columns=wanted.counted,
        )
    return tuple(number - 1 for number in numbers)


def _in_words(wanted: Wanted) -> str:
    count, roles = len(wanted.roles), [SPOKEN_ROLES[role] for role in wanted.roles]
    return f"{COUNTS[count]} of them {'is' if count == 1 else 'are'} needed: of {_and(roles)}"


def _columns(count: int) -> str:
    return f"{count} column{'s' * (count != 1)}"


def _and(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _lacking(wanted: Wanted) -> str:
    return f"Write {','.join(role.removesuffix('s') for role in wanted.roles)} into each line"


def place_of(
    column: str,
    present: Sequence[str],
    name: str,
    wanted: Wanted,
    likeness: Likeness | None = None,
) -> int:
    """Where a column stands that somebody has named."""
    found = [place for place, there in enumerate(present) if there == column]
    if not found:
        raise _missing(column, present, name, wanted, likeness)
    if len(found) > 1:
        numbers = " and ".join(str(place + 1) for place in found)
        raise InputError(
            f"{name} has the column {shown(column)} twice (columns {numbers})",
            "Say which ones you mean by their numbers: {columns}",
            columns=_numbers(present, wanted),
        )
    return found[0]


def _missing(
    column: str,
    present: Sequence[str],
    name: str,
    wanted: Wanted,
    likeness: Likeness | None,
) -> MissingColumn:
    problem = f"{name} has no column {shown(column)}; its columns are {listed(present)}"
    if len(present) < len(wanted.roles):
        return MissingColumn(problem, _in_words(wanted).capitalize())
    named = wanted.values
    if named in present and likeness and not likeness(str(named)):
        wanted = wanted._replace(values=None)  # none of its fields is a number
    example = _example(present, wanted, likeness)
    if example.get("values", "") is None:
        return MissingColumn(
            f"{name} has no column of ratings: none of its columns, {listed(present)}, holds "
            "numbers that are neither ids nor times",
            "Name the file of ratings, or write the ratings as numbers",
        )
    known = _known("users", present)
    numbers = sum(likeness(name) > 0 for name in present if name not in known) if likeness else 0
    is_wide = numbers + bool(known) > 3 and not _known("items", present)
    wide = WIDE if "values" in example and is_wide else ""
    return MissingColumn(
        problem,
        f"Name yours, such as {_and([f'{{{role}}}' for role in wanted.roles])}{wide}",
        otherwise=f"Count yours, such as {{columns}}{wide}",
        columns=_numbers(present, wanted, likeness),
        **example,
    )


def _example(
    present: Sequence[str], wanted: Wanted, likeness: Likeness | None = None
) -> dict[str, Any]:
    """A column for each role: one that its name tells, else the next one; None if none may be."""
    example: dict[str, Any] = {}
    for role in wanted.roles:
        told = [getattr(wanted, role), DEFAULTS[role], *_known(role, present)]
        free = [column for column in told if column in present and column not in example.values()]
        example[role] = next(iter(free), None)
    if example.get("values", "") is None:
        # What is no rating would be read without a word: a time is a number too.
        free = [column for column in present if column not in example.values()]
        like = {column: likeness(column) if likeness else 1 for column in free}
        numbers = [column for column in free if like[column] and may_be_ratings(column)]
        missing = max(sum(column is None for column in example.values()) - 1, 0)
        early = set(free[:missing])
        numbers.sort(key=lambda column: (-like[column], column in early))
        example["values"] = next(iter(numbers), None)
    others = (
        column
        for column in present
        if column not in example.values() and normalized(column) not in KNOWN_TIMES
    )
    return {
        role: column if column or role == "values" else next(others, present[-1])
        for role, column in example.items()
    }


def _numbers(
    present: Sequence[str], wanted: Wanted, likeness: Likeness | None = None
) -> tuple[int, ...]:
    """The numbers of the columns that `_example` names: the first of those with one name."""
    names = list(present)
    example = _example(present, wanted, likeness).values()
    places = [names.index(name) for name in example if name in names]
    different = len(set(places)) == len(wanted.roles)
    return tuple(place + 1 for place in places) if different else wanted.counted


def is_of_another(role: str, name: str) -> bool:
    """Whether a name tells that its column holds something else than this role."""
    others = (KNOWN[other] for other in ROLES if other != role)
    return normalized(name) in KNOWN_TIMES.union(*others)


def _known(role: str, present: Sequence[str]) -> list[str]:
    return [there for there in present if normalized(there) in KNOWN[role]]


def _place(
    role: str,
    present: Sequence[str],
    wanted: Wanted,
    name: str,
    likeness: Likeness | None,
) -> int:
    default, column = DEFAULTS[role], getattr(wanted, role)
    if column is not None or default in present:
        asked = default if column is None else column
        return place_of(asked, present, name, wanted, likeness)
    known = _known(role, present)
    if len(set(known)) > 1:
        raise InputError(
            f"{name}: the {role} may be in column {' or '.join(map(shown, known[:3]))}",
            f"Say which: {{{role}}}",
            otherwise="Count the columns: {columns}",
            columns=_numbers(present, wanted, likeness),
            cures=(),
            **{role: known[0]},
        )
    return place_of(known[0] if known else default, present, name, wanted, likeness)
