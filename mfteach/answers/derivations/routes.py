"""Other ways from the start to the goal than the lecture's: who goes one gets hints along it.

Each line is what a student would type, with the step that leads to it. The start and the goal are
those of the derivation of that name in `mfteach.answers.derivations.lecture_ways`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ROUTES", "Route"]

Route = tuple[tuple[str, str], ...]
"""The lines between the start and the goal, each with its step; the last is the step to the goal,
with an empty line."""

_ERROR = "r_ij - sum_(q=1..k) u_iq v_jq"
_SQUARES = "lambda/2 (sum_(p=1..m) sum_(q=1..k) u_pq^2 + sum_(l=1..n) sum_(q=1..k) v_lq^2)"


def _by_the_chain_rule(by: str, rated: str, who: str, inner: str) -> Route:
    return (
        (f"d/d{by} 1/2 sum_({rated}) e_ij^2", f"only {who} matters"),
        (f"sum_({rated}) e_ij d/d{by} e_ij", "the chain rule, and the 2 cancels the 1/2"),
        (f"sum_({rated}) e_ij (-d/d{by} rhat_ij)", f"in e_ij only rhat_ij depends on {by}"),
        (
            f"sum_({rated}) e_ij (-d/d{by} sum_(q=1..k) u_iq v_jq)",
            "write the prediction rhat_ij out; the letter s is taken, so q counts the factors",
        ),
        (
            f"sum_({rated}) e_ij (-sum_(q=1..k) delta_qs {inner})",
            "differentiate the prediction: the result has a delta",
        ),
        ("", "the delta keeps only the term q = s"),
    )


def _with_penalty(by: str, row: str, own: str) -> Route:
    return (
        (
            f"d/d{by} (J + {_SQUARES})",
            "write out what the loss with regularization is",
        ),
        (
            f"dJ/d{by} + d/d{by} lambda/2 sum_(q=1..k) {own}^2",
            f"differentiate term by term: only the squares of {row} contain {by}",
        ),
        (f"dJ/d{by} + lambda {by}", "differentiate the squares: the 2 cancels the 1/2"),
        ("", "put in the derivative of J, which you know"),
    )


def _normal(by: str, row: str, own: str, rated: str, inner: str) -> Route:
    other = inner.replace("s", "q")
    return (
        (
            f"dJ/d{by} + d/d{by} lambda/2 sum_(q=1..k) {own}^2",
            f"differentiate term by term: only the squares of {row} contain {by}",
        ),
        (
            f"sum_({rated}) -{inner} e_ij + lambda {by}",
            "put in the derivative of J, which you know; the 1/2 cancels the 2 of the square",
        ),
        (f"sum_({rated}) -{inner} ({_ERROR}) + lambda {by}", "write the error e_ij out"),
        (
            f"sum_({rated}) {inner} sum_(q=1..k) u_iq v_jq + lambda {by}"
            f" - sum_({rated}) r_ij {inner}",
            "multiply out, and make two sums of the sum",
        ),
        (
            f"sum_(q=1..k) sum_({rated}) {inner} {other} {own}"
            f" + lambda sum_(q=1..k) delta_sq {own} - sum_({rated}) r_ij {inner}",
            f"swap the two sums, and write {by} as a sum with a delta",
        ),
        ("", f"pull out {own}"),
    )


def _bias(by: str, rated: str, who: str) -> Route:
    return (
        (
            f"d/d{by} (1/2 sum_({rated}) etilde_ij^2 + beta/2 {by}^2)",
            f"only {who} matters",
        ),
        (
            f"sum_({rated}) etilde_ij d/d{by} etilde_ij + beta {by}",
            "the chain rule, and each 2 cancels a 1/2",
        ),
        ("", "the inner derivative is -1"),
    )


ROUTES: Mapping[str, tuple[Route, ...]] = {
    "u": (_by_the_chain_rule("u_is", "j in I_i", "user i", "v_jq"),),
    "v": (_by_the_chain_rule("v_js", "i in U_j", "item j", "u_iq"),),
    "ridge": (_with_penalty("u_is", "user i", "u_iq"),),
    "ridge v": (_with_penalty("v_js", "item j", "v_jq"),),
    "normal": (_normal("u_is", "user i", "u_iq", "j in I_i", "v_js"),),
    "normal v": (_normal("v_js", "item j", "v_jq", "i in U_j", "u_is"),),
    "biases": (_bias("b_i", "j in I_i", "user i"),),
    "bias item": (_bias("c_j", "i in U_j", "item j"),),
}
"""Routes by the name of the derivation."""
