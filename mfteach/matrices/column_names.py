"""Which column holds the users, which the items, which the ratings."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
# What tells a collection that writes a number where there is no rating, and where it does:
# BookCrossing, MyAnimeList, Goodreads.
NO_RATING = {
    "bookrating": ("bookrating", 0.0),
    "animeid": ("rating", -1.0),
    "isread": ("rating", 0.0),
}


class Wanted(NamedTuple):
    """How a person names the columns; None for what is to be found."""

    users: str | None = None
    items: str | None = None
    values: str | None = None
    columns: tuple[int, ...] | None = None


def normalized(name: str) -> str:
    """A name as `KNOWN` spells it."""
    return re.sub(r"[\W_]+", "", str(name)).lower()


def are_known(present: Sequence[str]) -> bool:
    """Whether a name of each role is among these."""
    names = set(map(normalized, present))
    return all(names & KNOWN[role] for role in ROLES)


def by_name(present: Sequence[str], wanted: Wanted, name: str) -> tuple[int, int, int]:
    """The places of the users, items and values among the names of the columns.

    Raises
    ------
    InputError
        For a column that is missing, there twice, or wanted for two things; the message lists
        the columns that there are.
    """
    users, items, values = (_place(role, present, wanted, name) for role in ROLES)
    _require_different((users, items, values), present, name)
    return users, items, values


def _require_different(places: Sequence[int], present: Sequence[str], name: str) -> None:
    """Refuse one column for two things."""
    for role, place in zip(ROLES, places, strict=False):
        other = ROLES[places.index(place)]
        if other != role:
            raise InputError(
                f"{name}: column {shown(present[place])} cannot be both the {other} and the "
                f"{role}; its columns are {listed(present)}",
                f"Name different ones, such as {{{other}}} and {{{role}}}",
                **{key: _example(present, Wanted())[key] for key in (other, role)},
            )


def places_of(present: Sequence[str], wanted: Wanted, name: str) -> tuple[int, int, int]:
    """The places of the users, items and values, by number or by name."""
    if wanted.columns is None:
        return by_name(present, wanted, name)
    return _by_number(present, wanted, name)


def _by_number(present: Sequence[str], wanted: Wanted, name: str) -> tuple[int, int, int]:
    """The places of the columns that somebody has counted, from 1 on.

    Raises
    ------
    InputError
        If they are not three different ones of those that there are.
    """
    numbers = wanted.columns or ()
    if any(column is not None for column in wanted[:3]):
        raise InputError(
            "the columns are both named and numbered",
            "Leave {columns} out, or the names",
            columns=numbers,
        )
    if len(numbers) != 3 or not all(1 <= number <= len(present) for number in numbers):
        raise InputError(
            f"{name} has {len(present)} columns, and three of them are needed: of users, items and "
            f"ratings; not {listed(numbers)}",
            "Count from 1: {columns}",
            columns=(1, 2, 3),
        )
    if len(set(numbers)) < 3:
        raise InputError(
            f"{name}: one column cannot hold two of users, items and ratings, as in "
            f"{listed(numbers)}",
            "Number three, such as {columns}",
            columns=(1, 2, 3),
        )
    user, item, value = (number - 1 for number in numbers)
    return user, item, value


def place_of(column: str, present: Sequence[str], name: str, wanted: Wanted) -> int:
    """Where a column stands that somebody has named."""
    found = [place for place, there in enumerate(present) if there == column]
    if not found and len(present) < len(ROLES):
        raise InputError(
            f"{name} has no column {shown(column)}; its columns are {listed(present)}",
            "A rating needs three: of users, items and values",
        )
    if not found:
        raise InputError(
            f"{name} has no column {shown(column)}; its columns are {listed(present)}",
            "Name yours, such as {users}, {items} and {values}",
            **_example(present, wanted),
        )
    if len(found) > 1:
        numbers = " and ".join(str(place + 1) for place in found)
        raise InputError(
            f"{name} has the column {shown(column)} twice (columns {numbers})",
            "Say which ones you mean by their numbers: {columns}",
            columns=_numbers(present, wanted),
        )
    return found[0]


def _example(present: Sequence[str], wanted: Wanted) -> dict[str, Any]:
    """A column for each role: one that its name tells, else the next one."""
    example = {}
    for role in ROLES:
        told = [getattr(wanted, role), DEFAULTS[role], *_known(role, present)]
        example[role] = next((column for column in told if column in present), None)
    # A time is a number too: taken for a rating it would be read without a word.
    others = (
        column
        for column in present
        if column not in example.values() and normalized(column) not in KNOWN_TIMES
    )
    return {role: column or next(others, "...") for role, column in example.items()}


def _numbers(present: Sequence[str], wanted: Wanted) -> tuple[int, ...]:
    """The numbers of the columns that `_example` names: the first of those with one name."""
    names = list(present)
    places = [names.index(name) for name in _example(present, wanted).values() if name in names]
    return tuple(place + 1 for place in places) if len(set(places)) == 3 else (1, 2, 3)


def _known(role: str, present: Sequence[str]) -> list[str]:
    return [there for there in present if normalized(there) in KNOWN[role]]


def _place(role: str, present: Sequence[str], wanted: Wanted, name: str) -> int:
    default, column = DEFAULTS[role], getattr(wanted, role)
    if column is not None or default in present:
        return place_of(default if column is None else column, present, name, wanted)
    known = _known(role, present)
    if len(set(known)) > 1:
        raise InputError(
            f"{name}: the {role} may be in column {' or '.join(map(shown, known[:3]))}",
            f"Say which: {{{role}}}",
            cures=(),
            **{role: known[0]},
        )
    return place_of(known[0] if known else default, present, name, wanted)
