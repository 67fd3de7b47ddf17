"""The rule that a typed line claims, checked on how the two lines are written.

That a line is equal to the line before it is proved elsewhere. Here is checked whether the step is
what its author says it is: after "expand" a bracket is gone, after "chain rule" no square stands
behind the derivative. A claim in other words is shown as the author's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mfteach.answers.derivations.lines.forms import ABBREVIATIONS, Form

__all__ = ["ONLY_CLAIMED", "RULES", "Rule", "RuleCheck", "check_rule", "rule_between"]


@dataclass(frozen=True)
class Rule:
    """A rule of algebra or calculus, as it shows in two lines.

    Parameters
    ----------
    name : str
        As a student would call it.
    claim : str
        A regular expression: words in which the rule is claimed.
    holds : callable
        Takes the forms of both lines, in order.
    missing : str
        What the second line would have to show, and does not.
    """

    name: str
    claim: str
    holds: Callable[[Form, Form], bool]
    missing: str


@dataclass(frozen=True)
class RuleCheck:
    """What was found out about a claimed rule.

    Parameters
    ----------
    claim : str
        The author's words.
    rule : str
        The rule that they name; empty if they name none that can be checked.
    holds : bool
    """

    claim: str
    rule: str = ""
    holds: bool = False
    missing: str = ""

    def __str__(self) -> str:
        if not self.rule:
            return f"{self.claim} ({self.missing or 'your own words, not checked'})"
        if self.holds:
            return f"{self.claim} (checked)"
        return f"{self.claim} (the line follows, but not by this rule: {self.missing})"


def _only_one_row(before: Form, after: Form) -> bool:
    return any(
        before.losses + before.sums[kind] > after.losses + after.sums[kind]
        for kind in ("user", "item")
    )


def _expanded(before: Form, after: Form) -> bool:
    return before.brackets > after.brackets and after.size > before.size


def _chain_rule(before: Form, after: Form) -> bool:
    return before.squares > after.squares


def _delta(before: Form, after: Form) -> bool:
    taken = before.deltas > after.deltas
    made = after.deltas > before.deltas and before.slopes > after.slopes
    return taken or made


def _written_out(before: Form, after: Form) -> bool:
    names = [name for name in before.letters if name in ABBREVIATIONS or name.startswith("J")]
    gone = any(before.letters[name] > after.letters[name] for name in names)
    return gone and after.size > before.size


def _minus_in_front(before: Form, after: Form) -> bool:
    return after.minus_depth < before.minus_depth


def _cancelled(before: Form, after: Form) -> bool:
    return before.numbers > after.numbers


def _pulled_out(before: Form, after: Form) -> bool:
    fewer = any(after.places[place] < count for place, count in before.places.items())
    same_signs = before.slopes == after.slopes and before.deltas == after.deltas
    collected = fewer and after.brackets + after.outside >= before.brackets + before.outside
    return same_signs and (collected or after.outside > before.outside)


ONLY_CLAIMED = (
    Rule(
        "pull the minus out",
        r"\b(?:pull|factor|tak|mov|bring|put)\w*\b.*(?:\b(?:minus|sign)|-1)(?! ?\w+_)\b",
        _minus_in_front,
        "no minus stands further in front than before",
    ),
    Rule(
        "write out",
        r"\bexpand\w* (?:the |an? )?(?:error|prediction|abbreviation|loss|e_|rhat|J\b)"
        r"|\bwrit\w*\b.*\bout\b|\binsert\w*\b|\bdefinition of\b",
        _written_out,
        "no abbreviation was written out",
    ),
)
"""Rules that are searched for first in a claim, and not where no rule is claimed."""

RULES = (
    Rule(
        "only this user or item matters",
        r"\bonly (?:\w+ ){0,2}(?:user|item)|\bother (?:users|items)|\bonly\b.*\bmatters?\b",
        _only_one_row,
        "the sum over all of them is still there",
    ),
    Rule(
        "expand",
        r"\bexpand|\bmultipl\w+ out|\bbinomi",
        _expanded,
        "no bracket was multiplied out",
    ),
    Rule(
        "chain rule",
        r"\bchain\b|\binner derivative|\bouter derivative",
        _chain_rule,
        "no derivative of a square was taken",
    ),
    Rule(
        "delta",
        r"\bdelta|\bkronecker|δ",
        _delta,
        "no delta comes or goes",
    ),
    Rule(
        "pull out",
        r"\b(?:pull|factor|take)\w* (?:\S+ ){0,3}?out|\bcommon factor|\bfactor out|\bfactori[sz]e"
        r"|\bcollect",
        _pulled_out,
        "no factor stands in front of a bracket or a sum that was inside before",
    ),
    Rule(
        "cancel",
        r"\bcancel",
        _cancelled,
        "as many numbers stand here as before",
    ),
)
"""The rules that can be checked, in the order in which a claim is searched for them."""


def check_rule(claim: str, before: Form, after: Form) -> RuleCheck:
    """Check the rule that a line claims against the forms of the two lines."""
    for rule in (*ONLY_CLAIMED, *RULES):
        if re.search(rule.claim, claim, re.IGNORECASE):
            return RuleCheck(claim, rule.name, rule.holds(before, after), rule.missing)
    return RuleCheck(claim)


def rule_between(before: Form, after: Form) -> Rule | None:
    """Return the first rule that a step between two lines shows, if it shows one."""
    return next((rule for rule in RULES if rule.holds(before, after)), None)
