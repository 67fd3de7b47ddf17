"""The derivations of the two halves of the gradient, as assignments 07 and 08 ask for them.

One text for both, because they differ in letters alone: the right lines, and what slips and padding
leave in their place.
"""

from __future__ import annotations

from mfteach.grading.assignments.questions import Derivation, Slip

__all__ = ["half_gradient", "half_gradient_printed"]


def half_gradient(side: str, loss: str, user: str, item: str, factor: str) -> Derivation:
    """Return the right derivation, slips and padded ones, of dJ/du_is or dJ/dv_js.

    Parameters
    ----------
    side : {"u", "v"}
    loss : {"J", "Q"}
        Q is J without the half.
    user, item, factor : str
        The letters of the indices.
    """
    lines = _lines(side, loss, user, item, factor)
    start = half_gradient_printed(side, loss, user, item, factor)["start"]
    other, counted = ("v", "items") if side == "u" else ("u", "users")

    def rows(*names: str) -> str:
        return "\n".join(lines.get(name, name) for name in names)

    def slip(line: int, label: str, points: int, *names: str) -> Slip:
        sentence = label if label.startswith(f"{side} ") else f"{label[:1].upper()}{label[1:]}"
        said = f"Line {line} is false. {sentence}" if line else label
        return Slip(label, rows(*names), said, points)

    return Derivation(
        right=rows("only", "chain", "picked", "goal").replace("\n", "\n= "),
        slips=[
            slip(2, "the sign is wrong", 1, "only", "chain, sign", "goal, sign"),
            slip(
                *(1, f"the sum runs over all {counted}, and only the known ratings count", 0),
                *("only, all", "goal, all"),
            ),
            slip(
                *(3, "a delta is lost: without it all terms of its sum stay", 3),
                *("only", "chain", "picked, summed", "goal, summed"),
            ),
            slip(
                *(2, f"{side} stands where the inner derivative leaves {other}", 1),
                *("only", "chain, own", "picked, own", "goal, own"),
            ),
            slip(
                *(2, "a factor 2 is left over: it should have cancelled", 1),
                *("only", "chain, twice", "goal, twice"),
            ),
            slip(
                *(2, "the inner derivative is forgotten", 1),
                *("only", "chain, no inner", "goal, no inner"),
            ),
        ],
        padded=[
            slip(0, "the goal alone", 1, "goal"),
            slip(0, "the start, and the goal", 1, start, f"{start} + 0", start, "goal"),
            slip(
                *(0, "the goal, and the steps after it", 1),
                *("goal", "goal, plus 0", "picked", "chain", "only", "goal"),
            ),
            slip(
                *(0, "one step again and again, and the goal", 2),
                *("only", "only, renamed", "only", "goal"),
            ),
            slip(0, "a 0 with a delta, and the goal", 2, "only", "goal, zero", "goal"),
            slip(0, "one step again and again", 1, "only", "only, renamed", "only"),
        ],
    )


def half_gradient_printed(
    side: str, loss: str, user: str, item: str, factor: str
) -> dict[str, str]:
    """Return what the question prints; see `half_gradient`."""
    by = f"u_{user}{factor}" if side == "u" else f"v_{item}{factor}"
    own, first, second = (user, "i", "p") if side == "u" else (item, "j", "l")
    other = second if own == first else first
    pair = (other, item) if side == "u" else (user, other)
    two, half = ("", "1/2 ") if loss == "J" else ("2 ", "")
    written_out = f"d/d{by} {half}sum_{{({pair[0]},{pair[1]}) in S}} e_{pair[0]}{pair[1]}^2"
    kept = rf"\sum_{{{item} \in I_{user}}} v_{{{item}{factor}}}"
    if side == "v":
        kept = rf"\sum_{{{user} \in U_{item}}} u_{{{user}{factor}}}"
    without = (
        "Here $Q$ is $J$ without the half: $Q = \\sum_{(i,j) \\in S} e_{ij}^2$. The check does not "
        "know the letter $Q$: write what it stands for. "
    )
    return {
        "start": f"dJ/d{by}" if loss == "J" else written_out,
        "goal": _lines(side, loss, user, item, factor)["goal"],
        "slope": rf"\frac{{\partial {loss}}}{{\partial {by[0]}_{{{by[2:]}}}}}",
        "result": rf"-{two}{kept} e_{{{user}{item}}}",
        "other": other,
        "about": "" if loss == "J" else without,
        "written_out": written_out,
    }


def _lines(side: str, loss: str, user: str, item: str, factor: str) -> dict[str, str]:
    """Return the lines of the derivation, and what slips leave in their place.

    Q is J without the half, so that a 2 stays in front. Line 1 keeps what contains the
    number, line 2 is the chain rule, in line 3 the delta has picked one factor.
    """
    two, half = ("", "1/2 ") if loss == "J" else ("2 ", "")
    rated, every = _sums(side, user, item)
    u, v = f"u_{user}", f"v_{item}"
    varied, kept = (u, v) if side == "u" else (v, u)
    error = f"(r_{user}{item} - sum_{{q=1}}^k u_{user}q v_{item}q)"
    e, share, own = f"e_{user}{item}", f"{kept}{factor}", f"{varied}{factor}"
    delta, summed = (f"sum_{{q=1}}^k {d}{kept}q" for d in (f"delta_q{factor} ", ""))
    zero = f"sum_{{q=1}}^k delta_q{factor} {varied}q"
    return {
        "only": f"d/d{own} {half}{rated} {error}^2",
        "chain": f"{two}{rated} {error} (-{delta})",
        "picked": f"{two}{rated} {error} (-{share})",
        "goal": f"-{two}{rated} {share} {e}",
        "only, all": f"d/d{own} {half}{every} {error}^2",
        "goal, all": f"-{two}{every} {share} {e}",
        "chain, sign": f"{two}{rated} {error} {delta}",
        "goal, sign": f"{two}{rated} {share} {e}",
        "chain, twice": f"2 * {two}{rated} {error} (-{delta})",
        "goal, twice": f"-2 * {two}{rated} {share} {e}",
        "chain, no inner": f"{two}{rated} {error}",
        "goal, no inner": f"{two}{rated} {e}",
        "picked, summed": f"{two}{rated} {error} (-{summed})",
        "goal, summed": f"-{two}{rated} {e} {summed}",
        "chain, own": f"{two}{rated} {error} (-{own})",
        "picked, own": f"{two}{rated} {error} (-{own})",
        "goal, own": f"-{two}{rated} {own} {e}",
        "only, renamed": f"d/d{own} {half}{_renamed(side, user, item)}",
        "goal, zero": f"-{two}{rated} {share} {e} + {own} - {zero}",
        "goal, plus 0": f"-{two}{rated} ({share} + 0) {e}",
    }


def _sums(side: str, user: str, item: str) -> tuple[str, str]:
    if side == "u":
        return f"sum_{{{item} in I_{user}}}", f"sum_{{{item}=1}}^n"
    return f"sum_{{{user} in U_{item}}}", f"sum_{{{user}=1}}^m"


def _renamed(side: str, user: str, item: str) -> str:
    if side == "u":
        return f"sum_{{q in I_{user}}} e_{user}q^2"
    return f"sum_{{q in U_{item}}} e_q{item}^2"
