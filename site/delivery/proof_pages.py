"""The derivations of the lecture, each a page of its own, and each line of it with an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mfteach.symbolic import lecture
from mfteach.symbolic.derivation import Derivation

__all__ = ["contents", "pages"]

_ROW = re.compile(r'<tr><th scope="row"([^>]*)>(\d+)')


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    for build in lecture.ALL:
        yield build.__name__, _page(build)


def contents() -> str:
    """Return a list of all derivations, in teaching order, and the contents for the side."""
    listed = "\n".join(
        f"- [{build().caption}]({build.__name__}.md): {_sentence(build)}" for build in lecture.ALL
    )
    names = "\n".join(build.__name__ for build in lecture.ALL)
    return f"{listed}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"


def _page(build: Callable[[], Derivation]) -> str:
    derivation = build()
    return (
        f"# {derivation.caption}\n\n{_sentence(build)}\n\n{_with_addresses(derivation)}\n\n"
        f"In a notebook: `lecture.{build.__name__}()`, after "
        "`from mfteach.symbolic import lecture`. Each line has an address of its own: click its "
        "number.\n"
    )


def _sentence(build: Callable[[], Derivation]) -> str:
    """Return what a derivation derives, from its docstring."""
    said = " ".join((build.__doc__ or "").split("\n\n")[0].split())
    return said.replace("|", r"\|")


def _with_addresses(derivation: Derivation) -> str:
    linked = _ROW.sub(
        r'<tr id="line-\2"><th scope="row"\1><a href="#line-\2">\2</a>', _html(derivation)
    )
    return f"```{{raw}} html\n{linked}\n```"


def _html(derivation: Derivation) -> str:
    return derivation._repr_html_()
