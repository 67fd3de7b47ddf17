"""Whether the packages that submissions import are compiled: in the sandbox nothing can be written.

Python keeps what it compiled beside the sources. Where an installer left that to the first import
(or a read-only disk, or PYTHONDONTWRITEBYTECODE, prevents it), each submission compiles anew.
"""

from __future__ import annotations

import struct
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("numpy", "scipy", "sympy", "matplotlib")


def slow_imports() -> str:
    """Return what to say to the instructor; empty if all is compiled."""
    missing = [place for name in PACKAGES if (place := _source(name)) and not _is_compiled(place)]
    if not missing:
        return ""
    names = ", ".join(place.parent.name for place in missing)
    folders = " ".join(dict.fromkeys(str(place.parent.parent) for place in missing))
    return (
        f"Slow imports: {names} came without compiled files, so each submission that imports them "
        "takes seconds longer, which is not counted as its time. "
        f"Cure: {sys.executable} -m compileall -q {folders}"
    )


def _source(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _is_compiled(source: Path) -> bool:
    """Whether what was compiled belongs to this source (PEP 552 describes the first 12 bytes)."""
    name = f"{source.stem}.{sys.implementation.cache_tag}.pyc"
    compiled = source.parent / "__pycache__" / name
    if not compiled.is_file():
        return False
    flags, modified = (int(one) for one in struct.unpack("<4xII", compiled.read_bytes()[:12]))
    return flags != 0 or modified == int(source.stat().st_mtime) & 0xFFFFFFFF
