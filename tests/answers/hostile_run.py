"""Feed strings to the formula reader in a process of its own, and report what it did.

Run as ``python hostile_run.py`` with the strings, as JSON, on standard input. The report on
standard output holds what was read or refused, the strings that took most calls, and every audit
event that a reader of formulas has no business raising.
"""

import json
import sys

from sympy.core.cache import clear_cache

from mfteach.answers.formulas import FormulaError, parse_formula

SYMBOLS = ["x", "y", "x_1", "lambda"]
HARMLESS = {"array.__new__", "sys.setprofile"}  # SymPy's sieve of prime numbers; counting calls


def outcome(text):
    try:
        return f"read: {parse_formula(text, SYMBOLS)}"
    except FormulaError as error:
        return f"refused: {error}"


def calls_for(text):
    """Return how many Python functions are called to read a string."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        outcome(text)
    finally:
        sys.setprofile(None)
    return calls


def main():
    texts = json.load(sys.stdin)
    outcomes = [outcome(text) for text in texts]  # SymPy loads parts of itself on first use
    clear_cache()
    events, sources = [], set()

    def watch(event, arguments):
        if event == "compile":
            sources.add(bytes(arguments[0]).decode())
        elif event not in HARMLESS:
            events.append(f"{event} {arguments!r}"[:200])

    sys.addaudithook(watch)
    calls = [calls_for(text) for text in texts]
    report = {
        "outcomes": outcomes,
        "events": events[:20],
        "sources": sorted(sources),
        "longest": sorted(zip(calls, texts, strict=True), reverse=True)[:5],
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
