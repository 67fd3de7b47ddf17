"""What every page that we write shares: self-contained, readable on a phone, light and dark."""

from __future__ import annotations

import html

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser loads nothing and runs nothing, whatever stands in the page."""

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2024;--quiet:#5b6570;--line:#d8dde3;
--soft:#f4f6f8;--good:#0b6e99;--bad:#b8500b;--open:#6b7480;--bar:#2f7ebc;--bar2:#e08a2e}
@media(prefers-color-scheme:dark){:root{--paper:#14181c;--ink:#e8ebee;--quiet:#9aa5b1;
--line:#333b44;--soft:#1d232a;--good:#5cb8e6;--bad:#f0a35e;--open:#9aa5b1;--bar:#5aa9e0;
--bar2:#f0a35e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:42rem;background:var(--paper);
color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
overflow-wrap:break-word}
h1{font-size:1.5rem;line-height:1.25;margin:.4rem 0 0}
h2{font-size:1.05rem;line-height:1.35;margin:0 0 .3rem}
p{margin:.35rem 0}
.quiet{color:var(--quiet);font-size:.92rem}
.total{font-size:1.15rem;margin:.9rem 0}.total strong{font-size:2rem}
.remark{background:var(--soft);border-radius:.4rem;padding:.6rem .8rem}
section{border:1px solid var(--line);border-left:.35rem solid var(--line);border-radius:.5rem;
padding:.8rem 1rem;margin:.8rem 0}
section.good{border-left-color:var(--good)}section.bad{border-left-color:var(--bad)}
section.open{border-left-color:var(--open)}
.verdict{font-weight:600;display:flex;gap:.4rem;align-items:baseline}
.good .verdict{color:var(--good)}.bad .verdict{color:var(--bad)}.open .verdict{color:var(--open)}
.points{margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--ink)}
.hint{background:var(--soft);border-radius:.4rem;padding:.5rem .75rem;margin-top:.6rem}
.comment{border-left:.2rem solid var(--open);padding-left:.75rem}
.math{font-family:"STIX Two Text",Cambria,Georgia,serif}
.math i{padding-right:.06em}
sup,sub{line-height:0}
code{background:var(--soft);border-radius:.25rem;padding:.05rem .3rem;font-size:.92em}
"""


def page(title: str, body: str, style: str) -> str:
    """Return a whole page; ``title`` is escaped here, ``body`` is HTML already."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def number(value: float) -> str:
    """Points as they are read: 2, 1.5, 0.33."""
    return f"{round(value, 2):g}"
