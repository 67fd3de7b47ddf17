"""What a lesson must keep that asks by id: pure functions from a notebook to a list of problems.

Its questions, hints, solutions and predictions are in the package; what a student sees before
answering gives nothing of them away.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import sympy
from nbformat import NotebookNode

from mfteach.lessons.questions.finding import lessons, predictions, questions
from mfteach.lessons.questions.kinds import Formula, Function, Number, Several

NOT_YET: set[str] = set()
"""The lessons that do not ask by id yet. A lesson leaves this list when it is converted."""

ROOT = Path(__file__).parents[2]
FACES = {"check", "hint", "solution", "guess", "outcome"}
OLD_FACES = {"feedback", "choice_feedback", "derivative_feedback"}
MOST_LINES_OF_A_FIGURE = 12

Check = Callable[[str, NotebookNode], list[str]]


def calls(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Yield cell number, face and id of each call such as ``check("05-1", answer)``."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0].value if node.args and _is_text(node.args[0]) else ""
                if node.func.id in FACES | OLD_FACES:
                    yield number, node.func.id, first


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def ids_are_those_of_the_package(name: str, notebook: NotebookNode) -> list[str]:
    """Require a check for each question, a guess and later an outcome for each prediction."""
    lesson = name[:2]
    if lesson not in lessons():
        return [f"{name}: there is no mfteach/lessons/questions/lesson_{lesson}.py"]
    places: dict[tuple[str, str], list[int]] = {}
    for number, face, identity in calls(notebook):
        places.setdefault((face, identity), []).append(number)
    wanted = {("check", one) for one in questions(lesson)}
    wanted |= {(face, one) for one in predictions(lesson) for face in ("guess", "outcome")}
    used = {(face, one) for face, one in places if face in ("check", "guess", "outcome")}
    found = [f"{name}: no cell has {face}({one!r}, ...)" for face, one in sorted(wanted - used)]
    found += [
        f"{name}: {face}({one!r}) is not in the package" for face, one in sorted(used - wanted)
    ]
    for one in predictions(lesson):
        guessed, shown = places.get(("guess", one), [0]), places.get(("outcome", one), [1])
        if not guessed[0] < shown[0]:
            found.append(f"{name}: outcome({one!r}) comes before guess({one!r})")
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    named = re.findall(r"\b(?:check|hint|solution)\(\"([^\"]+)\"", text)
    return found + [
        f"{name}: the text names {one!r}" for one in named if one not in questions(lesson)
    ]


def exercises_are_numbered(name: str, notebook: NotebookNode) -> list[str]:
    """Require an id ``NN-1`` ... for each exercise with a bold number, and ``NN-exit``."""
    lesson = name[:2]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    asked = set(re.findall(r"^\*\*(\d+)\. ", text, re.MULTILINE)) | {"exit"}
    known = {one.partition("-")[2] for one in questions(lesson)}
    numbered = {one for one in known if re.fullmatch(r"\d+[a-z]?|exit", one)}
    missing = asked - {one.rstrip("abcdefgh") for one in numbered if one != "exit"} - {"exit"}
    missing |= {"exit"} - known
    return [f"{name}: exercise {one} has no question {lesson}-{one}" for one in sorted(missing)]


def old_faces_are_gone(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no reply with the right value in its cell, and no solution that unfolds."""
    found = [
        f"{name}, cell {number}: {face}(...) holds the right value: use check"
        for number, face, _ in calls(notebook)
        if face in OLD_FACES
    ]
    for number, cell in enumerate(notebook.cells, start=1):
        if re.search(r"<summary>\s*(Solution|Hint)", cell.source):
            found.append(f"{name}, cell {number}: a solution or hint belongs in the package")
        if re.search(r"\b(right|hints)=", cell.source) and cell.cell_type == "code":
            found.append(f"{name}, cell {number}: right= or hints= in a cell")
    return found


def nothing_is_given_away(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no hint, no solution and no right value where a student reads before answering."""
    found = []
    everything = [_seen(cell) for cell in notebook.cells]
    for one, asked in questions(name[:2]).items():
        told = [*asked.hints, asked.solution, *_sentences_of_slips(asked)]
        for sentence in {part for text in told for part in _long_parts(text)}:
            found += [
                f"{name}, cell {number}: {one} is given away: {sentence!r}"
                for number, seen in enumerate(everything, start=1)
                if sentence in _plain(seen)
            ]
        found += [
            f"{name}, cell {number}: the answer to {one} stands there: {value}"
            for number, cell in _asking(notebook, one)
            for value in _forms(asked)
            if _contains(cell, value)
        ]
    return found


def _seen(cell: NotebookNode) -> str:
    """What a student reads of a cell, with what it printed."""
    texts = [cell.source]
    for output in cell.get("outputs", []):
        texts.append(output.get("text", ""))
        texts += [
            t for m, t in output.get("data", {}).items() if m in ("text/plain", "text/markdown")
        ]
    return "\n".join(texts)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _long_parts(text: str) -> list[str]:
    """Cut a hint or a solution into sentences long enough not to occur by chance."""
    parts = re.split(r"(?<=[.?!:])\s+", _plain(text))
    return [part for part in parts if len(part) >= 25]


def _sentences_of_slips(asked: object) -> list[str]:
    parts = asked.parts.values() if isinstance(asked, Several) else [asked]
    return [sentence for part in parts for _, sentence in getattr(part, "slips", ())]


def _asking(notebook: NotebookNode, one: str) -> Iterator[tuple[int, NotebookNode]]:
    """Yield the cells in which a question is asked: from the check before it to its own."""
    lines = [number for number, face, _ in calls(notebook) if face == "check"]
    for number, face, identity in calls(notebook):
        if (face, identity) == ("check", one):
            first = max([n for n in lines if n < number], default=number - 2) + 1
            yield from ((n, notebook.cells[n - 1]) for n in range(first, number + 1))


def _forms(asked: object) -> list[str]:
    """The ways in which a right number or list may stand in a text."""
    parts = asked.parts.values() if isinstance(asked, Several) else [asked]
    forms: list[str] = []
    for part in parts:
        right = getattr(part, "right", None)
        if isinstance(right, str) and len(right) > 1:
            forms.append(right)
        if not isinstance(part, Number) or callable(right):
            continue
        if isinstance(right, list | tuple):
            forms += [", ".join(f"{value:g}" for value in right)] if len(right) else []
        elif hasattr(right, "__float__"):
            forms.append(f"{float(right):g}")
    return forms


def _contains(cell: NotebookNode, value: str) -> bool:
    texts = {cell.source, cell.source.replace("−", "-")}
    number = rf"(?<![\w.{{-]){re.escape(value)}(?![\w}}]|\.\d)"
    return any(re.search(number, text) for text in texts)


def right_answers_are_not_seen(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no right formula, as Python, LaTeX or typed, where it is asked for.

    And nowhere in the lesson the line of code that a function asks for.
    """
    open_to_see = {
        number: _without_blanks(_seen_at_once(cell))
        for number, cell in enumerate(notebook.cells, start=1)
    }
    found = []
    for one, asked in questions(name[:2]).items():
        asking = [number for number, _ in _asking(notebook, one)]
        spelled = [(formula, asking) for formula in _spellings(asked)]
        spelled += [(line, list(open_to_see)) for line in _lines_of_code(asked)]
        found += [
            f"{name}, cell {number}: the answer to {one} is seen there: {form}"
            for form, places in spelled
            for number in places
            if re.search(rf"(?<![\w^]){re.escape(form)}(?![\w^])", open_to_see[number])
        ]
    return found


def _seen_at_once(cell: NotebookNode) -> str:
    """What a student sees of a cell before anything is unfolded."""
    tags = cell.metadata.get("tags", [])
    source = "" if "hide-input" in tags else cell.source
    return source + ("" if "hide-output" in tags else _seen(cell)[len(cell.source) :])


def _without_blanks(text: str) -> str:
    return re.sub(r"\s|\\left|\\right|\\,|[{}]", "", text)


def _spellings(asked: object) -> set[str]:
    """The ways in which a right formula may stand in a text; a single letter is none."""
    parts = asked.parts.values() if isinstance(asked, Several) else [asked]
    right = [part._expected() for part in parts if isinstance(part, Formula)]
    forms = {form for one in right for form in (one, sympy.factor(one), sympy.expand(one))}
    python = [str(form) for form in forms]
    typed = [text.replace("**", "^").replace("*", "") for text in python]
    texts = [*python, *typed, *map(sympy.latex, forms)]
    return {text for text in map(_without_blanks, texts) if len(text) > 2}


def _lines_of_code(asked: object) -> set[str]:
    """The code in the solution of a function, without the word ``return``."""
    if not isinstance(asked, Function):
        return set()
    code = re.findall(r"`([^`]{8,})`", asked.solution)
    lines = [line.replace("return", "") for part in code for line in part.split("\n")]
    # What is short, such as the name of the language, and the line that is given, tell nothing.
    return {_without_blanks(line) for line in lines if len(line) >= 8 and "def " not in line}


def checks_say_not_answered(name: str, notebook: NotebookNode) -> list[str]:
    """Require that a check of the notebook as it is says that nothing was answered."""
    found = []
    for number, face, one in calls(notebook):
        shown = _seen(notebook.cells[number - 1])
        if face == "check" and "Not answered yet" not in shown:
            found.append(f"{name}, cell {number}: check({one!r}) does not say 'Not answered yet'")
        if face == "guess" and "No guess yet" not in shown:
            found.append(f"{name}, cell {number}: guess({one!r}) does not say 'No guess yet'")
        if face in ("hint", "solution"):
            found.append(f"{name}, cell {number}: {face}({one!r}) is for the student to call")
    return found


def predictions_are_folded(name: str, notebook: NotebookNode) -> list[str]:
    """Require the tag hide-output on whatever shows something from a guess to its outcome."""
    found = []
    open_at = ""
    called = list(calls(notebook))
    for number, cell in enumerate(notebook.cells, start=1):
        here = [(face, one) for n, face, one in called if n == number]
        for face, one in here:
            open_at = one if face == "guess" else open_at
        folded = "hide-output" in cell.metadata.get("tags", [])
        guessing = any(face == "guess" for face, _ in here)
        if open_at and cell.get("outputs") and not (folded or guessing):
            found.append(f"{name}, cell {number}: shows {open_at!r}: tag it hide-output")
        if any(face == "outcome" for face, _ in here):
            open_at = ""
    return found


FOLDED_LINE = re.compile(r"<figure>|<div [^>]*>|Your guess: .*|def .*|[^\d]*:")
"""What may be the first line of a folded output: JupyterLab shows that line."""


def folded_outputs_begin_with_nothing(name: str, notebook: NotebookNode) -> list[str]:
    """Require of a folded output that its first line tells nothing."""
    return [
        f"{name}, cell {number}: folded, but this line of its output is seen: {first[:60]!r}"
        for number, cell in enumerate(notebook.cells, start=1)
        if "hide-output" in cell.metadata.get("tags", []) and cell.outputs
        for first in [_first_line(cell.outputs[0])]
        if not FOLDED_LINE.fullmatch(first)
    ]


def _first_line(output: NotebookNode) -> str:
    data = output.get("data", {})
    kinds = ("text/html", "text/markdown", "text/plain")
    text = output.get("text") or next((data[kind] for kind in kinds if kind in data), "")
    return next(filter(None, text.splitlines()), "")


def text_tells_no_outcome(name: str, notebook: NotebookNode) -> list[str]:
    """Allow below an outcome no sentence with two words that are new with the outcome.

    The text of a lesson is never folded. What follows from an outcome is its ``meaning``; what
    belongs to something else that is folded stands between ``<details>`` and ``</details>``.
    """
    places = {(face, one): number - 1 for number, face, one in calls(notebook)}
    found = []
    for one, predicted in predictions(name[:2]).items():
        guessed, shown = places.get(("guess", one)), places.get(("outcome", one))
        if guessed is None or shown is None:
            continue  # `ids_are_those_of_the_package` says so
        said = _telling("\n".join(cell.source for cell in notebook.cells[:guessed]))
        new = _telling(f"{predicted.outcome} {predicted.meaning}") - said
        found += [
            f"{name}: below outcome({one!r}) this tells it: {sentence!r}; it belongs in its meaning"
            for sentence in _sentences_below(notebook, shown)
            if len(_telling(sentence) & new) >= 2
        ]
    return found


LITTLE_WORDS = set(
    """
    also another because been before both does each even every from have here into itself just
    more most only other over same some than that their them then there these they this what
    when where which while will with your
    """.split()  # noqa: SIM905
)


def _telling(text: str) -> set[str]:
    words = re.findall(r"\d+(?:\.\d+)?|[a-z]{4,}", re.sub(r"\\[A-Za-z]+", " ", text).lower())
    return set(words) - LITTLE_WORDS


def _sentences_below(notebook: NotebookNode, place: int) -> list[str]:
    """Return the sentences of the next text, up to a heading or the next prediction."""
    below = (cell.source for cell in notebook.cells[place + 1 :] if cell.cell_type == "markdown")
    text = re.split(r"^#+ |^\*\*Predict", next(below, ""), flags=re.MULTILINE)[0]
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    return re.split(r"(?<=[.?!:])\s+", text)


def figures_are_drawn_in_the_package(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no drawing code in a cell, unless the cell is folded."""
    return [
        f"{name}, cell {number}: drawing code belongs in lessons/drawings/lesson_{name[:2]}.py"
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and re.search(r"\bplt\.subplots\(|\balt=|\bax\.set\w*\(", cell.source)
        and "hide-input" not in cell.metadata.get("tags", [])
    ]


def scaffolding_is_out_of_the_way(name: str, notebook: NotebookNode) -> list[str]:
    """Allow no nbval mark in a cell, and no assert in one that shows a figure or a check."""
    asking = {number for number, face, _ in calls(notebook) if face in FACES}
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or "hide-input" in cell.metadata.get("tags", []):
            continue
        if "NBVAL_" in cell.source:
            found.append(f"{name}, cell {number}: use the tag nbval-ignore-output")
        figure = any("<figure>" in o.get("data", {}).get("text/html", "") for o in cell.outputs)
        if re.search(r"^\s*assert\b", cell.source, re.M) and (figure or number in asking):
            found.append(f"{name}, cell {number}: an assert in the way: a cell of its own for it")
    return found


def endings_are_complete(name: str, notebook: NotebookNode) -> list[str]:
    """Require five sentences to keep, the graded exercise, and a book or paper with its year."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = []
    kept = re.findall(r"^(?:\d\.|-) .+", _section(text, "In short"), re.MULTILINE)
    if len(kept) != 5:
        found.append(f"{name}: 'In short' has {len(kept)} sentences to keep, not 5")
    if not re.search(r"\b(19|20)\d\d\b", _section(text, "Further reading")):
        found.append(f"{name}: 'Further reading' names author, year and what it adds")
    graded = sorted((ROOT / "exercises" / "release").glob(f"{name[:2]}-*/*.ipynb"))
    for path in graded:
        link = f"../{path.relative_to(ROOT).as_posix()}"
        if link not in text:
            found.append(f"{name}: the graded exercise is not linked: {link}")
    return found


def _section(text: str, heading: str) -> str:
    match = re.search(rf"^## {heading} *$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


CHECKS: tuple[Check, ...] = (
    ids_are_those_of_the_package,
    exercises_are_numbered,
    old_faces_are_gone,
    nothing_is_given_away,
    right_answers_are_not_seen,
    checks_say_not_answered,
    predictions_are_folded,
    folded_outputs_begin_with_nothing,
    text_tells_no_outcome,
    figures_are_drawn_in_the_package,
    scaffolding_is_out_of_the_way,
    endings_are_complete,
)
"""Every check of one converted lesson."""
