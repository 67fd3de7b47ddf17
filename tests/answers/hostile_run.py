"""Feed strings to the formula reader in a process of its own, and report what it did.

Run as ``python hostile_run.py`` with the strings, as JSON, on standard input. The report on
standard output holds what was read or refused, the slowest times, and every audit event that a
reader of formulas has no business raising.
"""

import json
import sys
import time

from sympy.core.cache import clear_cache

from mfteach.answers.formulas import FormulaError, parse_formula

SYMBOLS = ["x", "y", "x_1", "lambda"]
HARMLESS = {"array.__new__"}  # SymPy's sieve of prime numbers
LIMIT = 0.050


def outcome(text):
    try:
        return f"read: {parse_formula(text, SYMBOLS)}"
    except FormulaError as error:
        return f"refused: {error}"


def seconds(text):
    start = time.process_time()
    outcome(text)
    return time.process_time() - start


def fair_seconds(text):
    """Return the time of a string, measured again, cold, if something else may have slowed it."""
    spent = seconds(text)
    for _ in range(3):
        if spent > LIMIT:
            clear_cache()
            spent = min(spent, seconds(text))
    return spent


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
    times = [fair_seconds(text) for text in texts]
    report = {
        "outcomes": outcomes,
        "events": events[:20],
        "sources": sorted(sources),
        "slowest": sorted(zip(times, texts, strict=True), reverse=True)[:5],
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
