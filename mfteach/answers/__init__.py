"""What a student typed: formulas, choices, numbers, functions, derivations.

Lessons 03, 07, 08, 13; through `mfteach.lessons.practice` the exercises of every lesson.

What needs SymPy or NumPy is loaded on first use, so that commands and lessons that do without
do not wait for it. Modules on that path therefore say ``answers.compare``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mfteach.answers.missing import NOT_ANSWERED, is_missing

if TYPE_CHECKING:
    from mfteach.answers.bounded import FormulaError
    from mfteach.answers.comparison import compare
    from mfteach.answers.contracts import Contract
    from mfteach.answers.derivations.judging import Judgement, judge
    from mfteach.answers.derivations.ledger import Ledger
    from mfteach.answers.derivations.whole_texts import Task, judge_derivation
    from mfteach.answers.formulas import parse_formula, read_formula, read_number
    from mfteach.answers.numbers import agree, difference, misfit
    from mfteach.answers.promises import contract

__all__ = [
    "NOT_ANSWERED",
    "Contract",
    "FormulaError",
    "Judgement",
    "Ledger",
    "Task",
    "agree",
    "compare",
    "contract",
    "difference",
    "is_missing",
    "judge",
    "judge_derivation",
    "misfit",
    "parse_formula",
    "read_formula",
    "read_number",
]

_HOME = {
    "Contract": "contracts",
    "FormulaError": "bounded",
    "Judgement": "derivations.judging",
    "Ledger": "derivations.ledger",
    "Task": "derivations.whole_texts",
    "agree": "numbers",
    "compare": "comparison",
    "contract": "promises",
    "difference": "numbers",
    "judge": "derivations.judging",
    "judge_derivation": "derivations.whole_texts",
    "misfit": "numbers",
    "parse_formula": "formulas",
    "read_formula": "formulas",
    "read_number": "formulas",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
