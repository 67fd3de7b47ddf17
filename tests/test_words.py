"""The field's words: phrases not to be used, each with its cure, in code, docs and notebooks.

The list holds phrases and not single ordinary words, so that a sentence is never forbidden for a
word that it may well need.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A regular expression, what it is meant to catch, and what to say instead.
PHRASES = [
    (
        r"\b(?:the|a|no|its|their|without|any|zero|one|each|same|larger|small(?:er)?|bias) prices?"
        r" (?:of|on|for|by|to|per) (?:a |an |the |each |all |every |large |many |one )?"
        r"(?:rows?|factors?|users?|items?|count|biases|bias|rating|weights?)\b",
        "the price of a row",
        "the penalty on a row",
    ),
    (r"\b(?:with|without) a price\b", "without a price", "without regularization"),
    (r"\bprice by count\b", "price by count", "penalty weighted by count"),
    (r"\bmade (?:ratings|films|data)\b", "made ratings", "synthetic ratings"),
    (r"\bjoint biases\b", "joint biases", "learned biases"),
    (r"\bfor ever\b", "for ever", "without end"),
    (r"\bbroken exponents?\b", "a broken exponent", "fractional exponent"),
    (r"\bshall not move on\b", "it shall not move on", "it has converged"),
    (r"\bsooner done\b", "sooner done", "faster"),
    (r"\bNumPy (?:serves|stands in)\b", "NumPy serves", "falls back to NumPy"),
    (r"\b(?:learn|fit|fits|fitted|learned) anew\b", "fit anew", "refit"),
    (r"\bin scikit-learn's manners\b", "in scikit-learn's manners", "with scikit-learn's API"),
    (r"\bknows nothing yet\b", "this model knows nothing yet", "is not fitted yet"),
    (r"\b(?:each|a|every) rating meets\b", "each rating meets", "the neighbour of each rating"),
    (r"\bnothing to be won\b", "nothing to be won", "no gain"),
]
SUFFIXES = {".py", ".md", ".toml", ".ipynb", ".yml", ".cff", ".html", ".cfg"}
SKIPPED = {".venv", "_build", ".git", "__pycache__", ".ci"}
THIS = Path(__file__).resolve()


def files():
    """All that a person may read, but this list and the old names in the changelog."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        if path.suffix in SUFFIXES and not SKIPPED & set(inside) and path != THIS:
            yield path


def text_of(path):
    """What can be read in a file, its lines joined, so that a phrase may run over their ends."""
    if path.suffix == ".ipynb":
        text = "\n".join(_read_cells(json.loads(path.read_text(encoding="utf-8"))))
    else:
        text = path.read_text(encoding="utf-8")
    text = re.sub(r'"\s*\n\s*f?"', "", text)  # a text in several pieces
    return re.sub(r"\s*\n[\s#>*|]*", " ", text)


def _read_cells(notebook):
    for cell in notebook["cells"]:
        yield "".join(cell["source"])
        for output in cell.get("outputs", []):
            yield "".join(output.get("text", ""))
            for kind, data in output.get("data", {}).items():
                if kind.startswith("text/"):
                    yield "".join(data)


def found(text):
    """The phrases that stand in a text, each with its cure."""
    return [
        f"{match.group()!r}: rather say {cure!r}"
        for pattern, _, cure in PHRASES
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def test_no_phrase_stands_anywhere():
    places = [
        f"{path.relative_to(ROOT)}: {phrase}" for path in files() for phrase in found(text_of(path))
    ]
    assert places == [], "\n".join(places)


@pytest.mark.parametrize(("pattern", "sample", "cure"), PHRASES)
def test_each_phrase_is_caught_also_at_the_end_of_a_line(tmp_path, pattern, sample, cure):
    first, _, rest = sample.rpartition(" ")
    for name, text in {
        "a.py": f'    # Here is {first}\n    # {rest}, in a comment.\nx = "{first} "\n',
        "a.md": f"Here is {first}\n{rest}, in a text.",
    }.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert any(cure in phrase for phrase in found(text_of(path))), name
    assert found(f"Here is {cure}.") == []


def test_notebooks_are_read_with_their_outputs(tmp_path):
    cell = {
        "cell_type": "code",
        "source": ["# sooner\n", "# done"],
        "outputs": [{"text": ["for ever\n"]}, {"data": {"text/plain": ["joint biases"]}}],
    }
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    assert len(found(text_of(path))) == 3
