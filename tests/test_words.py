"""The field's words: phrases not to be used, each with its cure, in code, docs and notebooks.

The list holds phrases and not single ordinary words, so that a sentence is never forbidden for a
word that it may well need.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A regular expression in small letters, what it is meant to catch, and what to say instead.
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
    (r"\bnumpy (?:serves|stands in)\b", "NumPy serves", "falls back to NumPy"),
    (r"\b(?:learn|fit|fits|fitted|learned) anew\b", "fit anew", "refit"),
    (r"\bin scikit-learn's manners\b", "in scikit-learn's manners", "with scikit-learn's API"),
    (r"\bknows nothing yet\b", "this model knows nothing yet", "is not fitted yet"),
    (r"\b(?:each|a|every) rating meets\b", "each rating meets", "the neighbour of each rating"),
    (r"\bnothing to be won\b", "nothing to be won", "no gain"),
    (r"\b(?:stand|stands|put) in for ratings\b", "stand in for ratings", "are used instead"),
    (r"\b(?:ones|ratings) stand in\b", "made ones stand in", "are used instead"),
    (r"\bput a price on\b", "put a price on", "regularize"),
    (r"\bprice (?:lambda|λ)\b", "price lambda", "regularization strength"),
    (r"\b(?:best|plain) price\b", "the best price", "the best strength"),
    (r"\bwhatever the price\b", "whatever the price", "whatever the penalty"),
    (r"\bprice left out\b", "the price left out", "without the penalty"),
    (r"\b(?:comes?|came|coming) to rest\b", "comes to rest", "converges"),
    (r"\bstands? still for\b", "stands still for", "never moves"),
    (r"\b(?:made|built|started|build|start) anew\b", "built anew", "rebuilt"),
    (r"\bthe straight way\b", "the straight way", "the straight line"),
    (
        r"\b(?:derivatives?|gradients?|differentiated?|slopes?) (?:of \w+ )?by (?:the )?(?:one )?"
        r"[$`*\\]*(?:partial )?[uUvVxy](?:_\{?\w+\}?)?(?!\w)",
        "the derivative by u_is",
        "with respect to u_is",
    ),
    (
        r"(?<!there )\b(?:is|are) no (?:polynomials?|fractions?|functions?|texts?|(?:whole )?"
        r"numbers?|models?|ids?|notebooks?|courses?|pictures?|formulas?|letters?)\b",
        "this is no number",
        "is not a number",
    ),
    (r"\bis none of the letters\b", "is none of the letters", "is not one of the letters"),
    (r"\ball but zero\b", "all but zero", "almost zero"),
    (r"\bknow nothing of each other\b", "know nothing of each other", "are independent"),
    (r"\bsome tens of\b", "some tens of", "a few dozen"),
    (r"\btells? beforehand\b", "tell beforehand", "show in advance"),
    (r"\bmind the (?:minus|signs?|order)\b", "mind the minus", "watch the minus sign"),
    (r"\bneeds? a look\b", "who needs a look", "who needs attention"),
    (r"\b(?:does|do|did) not allow to\b", "does not allow to", "does not allow you to"),
    (r"\bin the place of (?:the|ours|what)\b", "in the place of the", "in place of the"),
    (r"\basked for (?:is|are)\b", "asked for is", "the question asks for"),
    (r"\bprices? of biases\b", "price of biases", "penalty on biases"),
    (r"\b(?:what a visit pays|paid at every visit)\b", "what a visit pays", "each update"),
    (r"\bholds? (?:a )?nan\b", "it holds a NaN", "contains a NaN"),
    (r"\bput the (?:place|point)s? in\b", "put the point in", "plug in the point"),
    (r"\bto one denominator\b", "to one denominator", "over a common denominator"),
    (r"\bmultiply out above\b", "multiply out above", "multiply out the numerator"),
    (r"\bthe sign lim\b", "the sign lim", "the lim sign"),
    (r"\bwhat becomes of the\b", "what becomes of the", "what happens to the"),
    (r"\bbelongs? into\b", "belongs into", "belongs in"),
    (r"\boutside of\b", "outside of", "outside"),
    (r"\btells? (?:you )?at once what\b", "tells you at once what", "replies instantly"),
    (r"\bone may divide\b", "one may divide", "you may divide"),
    (r"\b(?:marks?|variants?) hangs? on\b", "the marks hang on", "the marks depend on"),
    (r"\bif need be\b", "if need be", "if necessary"),
    (r"\bin the mean\b", "in the mean", "on average"),
    (r"\bbegins? with none of\b", "begins with none of", "does not begin with"),
    (r"\bbelieves? nothing of\b", "believes nothing of", "trusts nothing"),
    (r"\banything else than\b", "anything else than", "anything but"),
]
SUFFIXES = {".py", ".js", ".md", ".toml", ".ipynb", ".yml", ".cff", ".html", ".cfg"}
SKIPPED = {".venv", "_build", ".git", "__pycache__", ".ci"}
NOT_TEXT = re.compile(r"<script.*?</script>|base64,[A-Za-z0-9+/=]+", re.DOTALL)
"""What nobody reads in an output: the script, which is a file of its own, and pictures."""

THIS = Path(__file__).resolve()


def files():
    """Everything that a person may read, except this list."""
    tops = [top for top in ROOT.iterdir() if top.name not in SKIPPED]
    for path in sorted([*tops, *(path for top in tops for path in top.rglob("*"))]):
        inside = path.relative_to(ROOT).parts
        if path.suffix in SUFFIXES and not SKIPPED & set(inside) and path != THIS:
            yield path


def text_of(path):
    """What can be read in a file, with its lines joined, so that a phrase may span them."""
    if path.suffix == ".ipynb":
        text = "\n".join(_read_cells(json.loads(path.read_text(encoding="utf-8"))))
    else:
        text = path.read_text(encoding="utf-8")
    text = re.sub(r'"\s*\n\s*f?"', "", text)  # a string in several pieces
    return re.sub(r"\s*\n[\s#>*|]*", " ", text)


def _read_cells(notebook):
    for cell in notebook["cells"]:
        yield "".join(cell["source"])
        for output in cell.get("outputs", []):
            yield "".join(output.get("text", ""))
            for kind, data in output.get("data", {}).items():
                if kind.startswith("text/"):
                    yield NOT_TEXT.sub("", "".join(data))


def found(text):
    """The phrases found in a text, each with its cure."""
    small = text.lower()
    return [
        f"{match.group()!r}: rather say {cure!r}"
        for pattern, _, cure in PHRASES
        if re.search(pattern.removeprefix(r"\b"), small)  # much faster, and hardly ever true
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.no_cover
def test_no_phrase_occurs_anywhere():
    places = [
        f"{path.relative_to(ROOT)}: {phrase}" for path in files() for phrase in found(text_of(path))
    ]
    assert places == [], "\n".join(places)


@pytest.mark.parametrize(("pattern", "sample", "cure"), PHRASES)
def test_each_phrase_is_caught_even_across_lines(tmp_path, pattern, sample, cure):
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
