"""The figure of lesson 08, the other half and the gradient check."""

from __future__ import annotations

import matplotlib.pyplot as plt
from numpy.typing import ArrayLike

from mfteach.lessons.figures import figure

__all__ = ["difference_against_h"]


def difference_against_h(widths: ArrayLike, off: ArrayLike) -> None:
    """Draw how far central differences are from the gradient, for each h."""
    fig, ax = plt.subplots()
    ax.loglog(widths, off, "o-")
    ax.invert_xaxis()
    ax.set(xlabel="h, getting smaller to the right", ylabel="relative difference")
    figure(
        fig,
        alt="The relative difference between gradient and central differences against h. It is "
        "smallest, about 1e-15, at the largest h of 0.1, and grows steadily as h gets smaller, to "
        "about 1e-6 at h = 1e-10.",
        caption="Each time h shrinks by 10 the difference grows by about 10: rounding, divided "
        "by h.",
    )
