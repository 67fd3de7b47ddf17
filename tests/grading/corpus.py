"""Submissions for 03-power-rule: hostile, broken and honest, and what each of them must score.

    for case in corpus():
        case.submit(course)

Every case has a name, which is also the student's id, and a comment on what its class tries.
"""

import copy
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mfteach.grading.assignments.question_files import Assignment
from mfteach.grading.assignments.variants import sample
from mfteach.grading.demo import answered

NAME = "03-power-rule"
COURSE = Path(__file__).parents[2] / "exercises"
VARIANT = sample(Assignment.load(COURSE, NAME))
RIGHT = {name: posed.right for name, posed in VARIANT.answers.items() if posed.check}
WRONG = {name: posed.wrong[0][0] for name, posed in VARIANT.answers.items() if posed.check}
FULL = {name: posed.question.points for name, posed in VARIANT.answers.items() if posed.check}
NOTHING = dict.fromkeys(FULL, 0)
HOSTILE, BROKEN, HONEST = "hostile", "broken", "honest"


@dataclass(frozen=True)
class Case:
    """One submission.

    ``first`` and ``last`` are code cells before and after everything else, ``change`` edits the
    notebook, ``write`` puts a file in place of the usual one, ``stamp`` is what nbgrader's
    timestamp.txt holds, or puts something else there. ``points`` says what each question must
    score, ``labels`` the labels of some of them.
    """

    name: str
    kind: str
    answers: dict[str, object]
    points: dict[str, float]
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    change: Callable[[dict], object] = lambda notebook: None
    write: Callable[[Path], object] | None = None
    labels: dict[str, str] = field(default_factory=dict)
    stamp: str | Callable[[Path], object] | None = None

    def notebook(self):
        """The notebook, as Python data."""
        notebook = answered(copy.deepcopy(_release()), self.answers)
        cells = notebook["cells"]
        cells[:0] = [_code(source) for source in self.first]
        cells += [_code(source) for source in self.last]
        self.change(notebook)
        return notebook

    def submit(self, course):
        """Put it where nbgrader collects submissions."""
        file = course / "submitted" / self.name / NAME / f"{NAME}.ipynb"
        file.parent.mkdir(parents=True)
        if self.write is not None:
            self.write(file)
        else:
            file.write_text(json.dumps(self.notebook()), encoding="utf-8")
        stamp = file.with_name("timestamp.txt")
        if isinstance(self.stamp, str):
            stamp.write_text(self.stamp)
        elif self.stamp is not None:
            self.stamp(stamp)


@cache
def _release():
    return json.loads((COURSE / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def _code(source):
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    return {**cell, "execution_count": None}


def function(body):
    """The source of the function that q6 asks for, with this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"def tangent_line(c, n, p):\n{lines}\n"


def corpus():
    """Every case."""
    cases = [*fooling(), *typed(), *stopping(), *hurting(), *files(), *honest()]
    assert len({case.name for case in cases}) == len(cases)
    return cases


# Fooling the check -------------------------------------------------------------------------------

_WRONG_LINE = function("slope = 0.0\nreturn slope, 0.0")


def fooling():
    """Wrong answers, with code that tries to pass them off as right: 0 points."""

    def wrong(name, *first, last=(), change=lambda notebook: None, q6=_WRONG_LINE):
        answers = {**WRONG, "q6": q6}
        return Case(name, HOSTILE, answers, NOTHING, first, last, change)

    # Patch what a check in the same process would compare with.
    yield wrong(
        "patch-numpy", "import numpy as np\nnp.isclose = np.allclose = lambda *a, **k: True"
    )
    yield wrong(
        "patch-builtins",
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = builtins.any = lambda x: True",
    )
    yield wrong(
        "patch-sympy",
        "import sympy\nsympy.simplify = lambda *a, **k: sympy.Integer(0)\n"
        "sympy.Basic.__eq__ = lambda self, other: True",
    )
    yield wrong(
        "patch-operators",
        "import math, operator\noperator.eq = math.isclose = lambda *a, **k: True\n"
        "operator.sub = operator.abs = lambda *a: 0",
    )
    yield wrong("patch-mfteach", "import mfteach\nmfteach.check = print\nmfteach.exercise = print")
    # Change the program that the notebook is, before it runs.
    yield wrong(
        "ast-transformer",
        "import ast\n\nclass Yes(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.Pass()\n\nget_ipython().ast_transformers.append(Yes())",
    )
    yield wrong("no-asserts", "import sys\nsys.flags = type('F', (), {'optimize': 2})()")
    # Tell the grader, by tags and metadata, what to run and how many points to give.
    yield wrong("skip-execution", change=_tag_checks("skip-execution"))
    yield wrong("raises-exception", change=_tag_checks("raises-exception"))
    yield wrong("points-raised", change=_metadata(points=100))
    yield wrong("checks-unlocked", change=_metadata(locked=False, grade=False))
    yield wrong("checks-deleted", change=_without_checks)
    yield wrong("checks-rewritten", change=_rewritten_checks)
    yield wrong("outputs-forged", change=_forged_outputs)
    # Return something that is equal to everything, or pretends to be numbers.
    yield wrong(
        "equal-to-all",
        "class Same(float):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "    def __abs__(self): return 0.0\n    __hash__ = float.__hash__",
        q6=function("return Same(1), Same(1)"),
    )
    yield wrong(
        "array-in-disguise",
        "import numpy as np\n\nclass A(np.ndarray):\n    def __array_ufunc__(self, *a, **k):\n"
        "        return True",
        q6=function("return np.zeros(2).view(A)"),
    )
    yield wrong(
        "number-of-numpy-in-disguise",
        "import numpy as np\n\nclass F(np.float64):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "    def item(self): return F(0)\n    __hash__ = None",
        q6=function("return F(1), F(1)"),
    )
    yield wrong(
        "endless-array",
        "class A:\n    def __array__(self, *a, **k):\n        while True:\n            pass",
        q6=function("return A()"),
    )
    yield wrong("nan", q6=function("return float('nan'), float('nan')"))
    yield wrong("infinity", q6=function("return float('inf'), float('inf')"))
    yield wrong("complex", q6=function("return 1j, 2j"))
    yield wrong("text-for-number", q6=function("return '42', '-147'"))
    yield wrong("too-many-values", q6=function("import itertools\nreturn [0.0] * 10**6"))
    # Look for the expected values in the memory of the process that asks.
    yield wrong(
        "frames",
        q6=function(
            "import sys\nframe = sys._getframe()\nwhile frame:\n"
            "    for key, value in list(frame.f_locals.items()):\n"
            "        if key in ('wanted', 'right', 'reference', 'check'):\n"
            "            return value(c, n, p) if callable(value) else value\n"
            "    frame = frame.f_back\nreturn 0.0, 0.0"
        ),
    )
    yield wrong(
        "garbage-collector",
        q6=function(
            "import gc\nfor thing in gc.get_objects():\n"
            "    if type(thing).__name__ in ('Implementation', 'Posed', 'Variant'):\n"
            "        return thing.reference(c, n, p)\nreturn 0.0, 0.0"
        ),
    )
    # Look for them on the disk, or in the package.
    yield wrong(
        "read-the-checks",
        q6=function(
            f"import pathlib\nfor place in ('/tmp', {str(COURSE)!r}):\n"
            "    for file in pathlib.Path(place).rglob('03-power-rule.py'):\n"
            "        text, names = file.read_text(), {}\n"
            "        begin, end = text.index('def _tangent'), text.index('def _height')\n"
            "        exec(text[begin:end], names)\n"
            "        return names['_tangent_line'](c, n, p)\nreturn 0.0, 0.0"
        ),
    )
    yield wrong(
        "import-the-grader",
        q6=function(
            "from mfteach.grading.assignments import question_files, variants\n"
            "from pathlib import Path\n"
            "a = question_files.Assignment.load(Path('exercises'), '03-power-rule')\n"
            "return variants.sample(a).answers['q6'].check.reference(c, n, p)"
        ),
    )
    yield wrong(
        "import-what-is-asked",
        q6=function(
            "from mfteach.answers.promises import contract\nimport mfteach.descent\n"
            "return contract('tangent_line').reference(c, n, p)"
        ),
    )
    # Speak in place of the worker, over the pipe.
    yield wrong(
        "forged-answers",
        "import os\nfor fd in range(3, 64):\n    try:\n"
        '        os.write(fd, b\'{"token": "0", "value": 1.0}\\n\' * 100)\n'
        "    except OSError:\n        pass",
    )
    yield wrong(
        "patched-worker",
        "import json, sys\ndumps = json.dumps\njson.dumps = lambda o, **k: dumps("
        "{**o, 'value': {'tuple': [1.0, 1.0]}} if isinstance(o, dict) else o)",
    )
    yield wrong(
        "patched-values",
        "import sys\nfor module in list(sys.modules.values()):\n"
        "    if hasattr(module, 'encode') and hasattr(module, 'decode'):\n"
        "        try:\n            module.encode = lambda *a: True\n"
        "        except Exception:\n            pass",
    )
    # Know the answers for the inputs that one can see in the notebook.
    yield wrong("hard-coded", q6=function("return 42.0, -147.0"))
    yield wrong(
        "table-of-inputs",
        q6=function(
            "known = {(3, 2, 7): (42, -147), (3.0, 2, 7.0): (42, -147)}\n"
            "return known.get((c, n, p), (0.0, 0.0))"
        ),
    )
    yield wrong(
        "table-of-many",
        "known = {(c, n, p): (c * n * p ** (n - 1), c * p**n - c * n * p**n)\n"
        "         for c in range(-9, 10) for n in range(-5, 6) for p in (1, 2, 3, 0.5, 1.5)}",
        q6=function("return known.get((c, n, p), (0.0, 0.0))"),
    )
    # Find what a friend left there, who was graded before.
    yield wrong(
        "from-a-friend",
        q6=function(
            "import os\nfor place in ('/tmp', os.path.expanduser('~'), '/dev/shm', '/var/tmp'):\n"
            "    if os.path.exists(place + '/friend'):\n        slope = c * n * p ** (n - 1)\n"
            "        return slope, c * p**n - slope * p\nreturn 0.0, 0.0"
        ),
    )
    # Right the first time only, in case the grader calls once.
    yield wrong(
        "right-once",
        "calls = []",
        q6=function(
            "calls.append(1)\nslope = c * n * p ** (n - 1)\n"
            "return (slope, c * p**n - slope * p) if len(calls) == 1 else (0.0, 0.0)"
        ),
    )


def _tag_checks(tag):
    def change(notebook):
        for cell in _checks(notebook):
            cell["metadata"]["tags"] = [tag]

    return change


def _metadata(**settings):
    def change(notebook):
        for cell in _checks(notebook):
            cell["metadata"]["nbgrader"] |= settings

    return change


def _checks(notebook):
    return [c for c in notebook["cells"] if _grade_id(c).endswith("-check")]


def _grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _without_checks(notebook):
    checks = _checks(notebook)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in checks]


def _rewritten_checks(notebook):
    for cell in _checks(notebook):
        cell["source"] = "print('all right')"


def _forged_outputs(notebook):
    text = {"output_type": "stream", "name": "stdout", "text": "right: 10 of 10 points\n"}
    for cell in _checks(notebook):
        cell["outputs"] = [text]


# What is typed -----------------------------------------------------------------------------------


def typed():
    """Invalid letters, formulas and numbers, or several at once."""

    def one(name, question, source, points=0, kind=HOSTILE, label=None):
        answers = {**RIGHT, question: None}
        wanted = {**FULL, question: points}
        labels = {question: label} if label else {}
        change = _source(question, source)
        return Case(name, kind, answers, wanted, change=change, labels=labels)

    right, wrong = RIGHT["q1"], WRONG["q1"]
    # Answer everything at once.
    yield one("every-letter", "q1", 'q1 = "ABCD"', label="unreadable")
    yield one("list-of-letters", "q1", 'q1 = ["A", "B", "C", "D"]', label="unreadable")
    yield one("last-one-counts", "q1", f'q1 = "{right}"\nq1 = "{wrong}"')
    yield one("last-one-counts-too", "q1", f'q1 = "{wrong}"\nq1 = "{right}"', 1, HONEST, "right")
    yield one("letter-and-letter", "q1", 'q1 = "A or D"', label="unreadable")
    yield one("letter-of-html", "q1", 'q1 = "<b>D</b>"', label="unreadable")
    # Let code choose: a letter is read, not run.
    yield one("letter-by-code", "q1", f'q1 = max("{right}", "")', label="unreadable")
    yield one("letter-equal-to-all", "q1", "class Y(str):\n    pass\n\nq1 = Y('A')")
    # Formulas that a careless reader would run, or that would keep it busy without end.
    evil = "__import__('os').system('touch /tmp/pwned')"
    yield one("formula-that-runs", "q3", f"q3 = {evil!r}", label="unreadable")
    yield one("formula-dunder", "q3", "q3 = 'x.__class__.__mro__'", label="unreadable")
    yield one("formula-tower", "q3", "q3 = '9^9^9^9^9'")
    yield one("formula-long", "q3", "q3 = '" + "x+" * 60_000 + "x'", label="unreadable")
    yield one("formula-deep", "q3", "q3 = '" + "(" * 9_000 + "x" + ")" * 9_000 + "'")
    yield one("formula-factorials", "q3", "q3 = '99999!!!'")
    yield one("formula-asks-for-itself", "q3", "q3 = 'diff(2x^-4 + 4x, x)'", label="unreadable")
    # Numbers that take all memory, or that are not numbers.
    yield one("number-tower", "q4", "q4 = 10**10**10")
    yield one("number-text", "q4", "q4 = 'about 42'", label="unreadable")
    yield one("number-all", "q4", "q4 = list(range(1000))")
    yield one("number-nan", "q4", "q4 = float('nan')")
    yield one("number-endless", "q4", "q4 = next(x for x in iter(int, 1))")
    yield one(
        "number-in-disguise",
        "q4",
        "class N(float):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n\nq4 = N(1)",
        label="unreadable",
    )
    yield one("number-computed", "q4", f"half = {RIGHT['q4']} / 2\nq4 = half + half", 1, HONEST)


def _source(question, source):
    def change(notebook):
        for cell in notebook["cells"]:
            if _grade_id(cell) == question:
                cell["source"] = source

    return change


# Stopping the grader -----------------------------------------------------------------------------


def stopping():
    """Code that hangs, dies or takes everything: it costs only what it stops."""

    def cell(name, source, points=FULL, kind=HOSTILE):
        return Case(name, kind, RIGHT, points, last=(source,))

    def stops(name, body, label):
        answers, points = {**RIGHT, "q6": function(body)}, {**FULL, "q6": 0}
        return Case(name, HOSTILE, answers, points, labels={"q6": label})

    # Never come back.
    yield cell("loop-in-a-cell", "while True:\n    pass")
    yield cell("sleep-in-a-cell", "import time\ntime.sleep(10**6)")
    yield stops("loop-in-the-function", "while True:\n    pass", "time limit")
    yield stops(
        "deaf-to-signals",
        "import signal\nfor s in range(1, 32):\n    try:\n"
        "        signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError):\n"
        "        pass\nwhile True:\n    pass",
        "time limit",
    )
    yield stops(
        "catches-everything",
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        "time limit",
    )
    yield stops(
        "error-without-an-end",
        "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\n"
        "raise E",
        "time limit",
    )
    yield stops(
        "error-within-an-error",
        "class E(Exception):\n    def __str__(self):\n        raise self\nraise E",
        "error",
    )
    yield stops(
        "stops-itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "time limit"
    )
    yield cell("stop-the-parent", "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)")
    yield cell(
        "loop-in-a-module",
        "import sys\nopen('/tmp/endless.py', 'w').write('while True: pass')\n"
        "sys.path.insert(0, '/tmp')\nimport endless",
    )
    # Keep the grader itself busy, which reads cells outside any sandbox.
    yield cell("blank-lines", "%magic\n" + "\n" * 150_000 + "$")
    yield cell("blanks", "%magic\n" + " " * 150_000 + "$")
    yield cell("deep-source", "-" * 150_000 + "1")
    yield cell("decorators", "@a\n" * 40_000 + "def f(): pass")
    # Leave.
    yield cell("exit-in-a-cell", "import sys\nsys.exit(3)")
    yield cell("hard-exit-in-a-cell", "import os\nos._exit(0)")
    yield stops("exit-in-the-function", "import sys\nsys.exit(0)", "error")
    yield stops("hard-exit-in-the-function", "import os\nos._exit(0)", "crashed")
    yield cell("kill-the-parent", "import os\nos.kill(os.getppid(), 9)")
    yield cell("kill-everybody", "import os, signal\nos.kill(-1, signal.SIGKILL)")
    yield cell("segmentation-fault", "import ctypes\nctypes.string_at(0)")
    yield cell(
        "loop-at-exit", "import atexit\natexit.register(lambda: [None for _ in iter(int, 1)])"
    )
    yield cell("closes-every-pipe", "import os\nos.closerange(0, 64)")
    # Exit again and again: restarting the worker takes the grader's time.
    yield Case(
        "exits-again-and-again",
        HOSTILE,
        RIGHT,
        {**FULL, "q6": 0},
        last=("import os\nos._exit(0)",) * 300,
        labels={"q6": "time limit"},
    )
    # Take everything.
    yield stops("memory", "x = bytearray(10**11)\nreturn 0.0, 0.0", "error")
    yield stops(
        "memory-without-limits",
        "import resource\nlimit = resource.RLIMIT_AS\ntry:\n"
        "    resource.setrlimit(limit, (resource.RLIM_INFINITY,) * 2)\nexcept ValueError:\n"
        "    pass\nx = bytearray(10**11)\nreturn 0.0, 0.0",
        "error",
    )
    yield stops(
        "memory-of-many",
        "import mmap, os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = mmap.mmap(-1, 10**9)\n        time.sleep(60)\ntime.sleep(60)",
        "crashed",
    )
    yield cell(
        "memory-slowly",
        "x = []\ntry:\n    while True: x.append(bytearray(10**8))\n"
        "except MemoryError:\n    while True: pass",
    )
    yield cell("disk", "f = open('/tmp/x', 'wb')\nwhile True:\n    f.write(bytes(10**7))")
    yield cell("fork-bomb", "import os\nwhile True:\n    os.fork()")
    yield cell(
        "threads",
        "import threading, time\nfor _ in range(10**4):\n"
        "    threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()",
    )
    yield cell("output-flood", "for _ in range(10**5):\n    print('x' * 1000)")
    yield stops("recursion", "return tangent_line(c, n, p)", "error")
    yield stops("huge-integer", "return 10**100000, 1", "unreadable")
    # Live on.
    yield cell(
        "daemon",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(10**6)\n    os._exit(0)",
    )


# Hurting others ----------------------------------------------------------------------------------


def hurting():
    """Code that reaches out of its own process; the answers are right, and stay right."""

    def cell(name, source):
        quiet = "\n".join(f"    {line}" for line in source.splitlines())
        return Case(
            name, HOSTILE, RIGHT, FULL, first=(f"try:\n{quiet}\nexcept Exception:\n    pass",)
        )

    # Leave something for a friend, who is graded later.
    yield cell(
        "for-a-friend",
        "import os\nfor place in ('/tmp', os.path.expanduser('~'), '/dev/shm', '/var/tmp'):\n"
        "    try:\n        open(place + '/friend', 'w').write('x')\n    except OSError:\n"
        "        pass",
    )
    # Set a trap for the next student.
    yield cell(
        "start-up-files",
        "import pathlib, site\nfor place in (pathlib.Path.home(), *map(pathlib.Path, "
        "site.getsitepackages())):\n    for name in ('sitecustomize.py', 'usercustomize.py', "
        "'.ipython/profile_default/startup/x.py'):\n        try:\n"
        "            (place / name).parent.mkdir(parents=True, exist_ok=True)\n"
        "            (place / name).write_text('raise SystemExit')\n        except OSError:\n"
        "            pass",
    )
    yield cell(
        "change-mfteach",
        "import mfteach, pathlib\npathlib.Path(mfteach.__file__).write_text('raise SystemExit')",
    )
    # Change marks, or read what others wrote.
    yield cell(
        "gradebook",
        "import pathlib\nfor name in ('gradebook.db', 'grades.csv'):\n"
        "    for file in pathlib.Path('/tmp').rglob(name):\n        file.write_text('10')",
    )
    yield cell(
        "classmates",
        "import pathlib, shutil\nfor folder in pathlib.Path('/tmp').rglob('submitted'):\n"
        "    shutil.rmtree(folder)",
    )
    yield cell(
        "remove-everything",
        "import os, shutil\nfor name in os.listdir('/'):\n"
        "    if name in ('home', 'tmp', 'etc', 'dev', 'grading'):  # others take long to walk\n"
        "        shutil.rmtree('/' + name, ignore_errors=True)",
    )
    # Carry something away.
    yield cell(
        "network",
        "import socket\nsocket.create_connection(('127.0.0.1', 8888), timeout=1)",
    )
    yield cell(
        "other-processes",
        "import pathlib\nfor entry in pathlib.Path('/proc').glob('[0-9]*/environ'):\n"
        "    entry.read_bytes()\nimport os\nfor pid in range(2, 4000):\n    try:\n"
        "        os.kill(pid, 9)\n    except OSError:\n        pass",
    )
    # Put something into the pages that others will open.
    page = "<script>alert(1)</script>"
    yield Case(
        "html-answer",
        HOSTILE,
        {**RIGHT, "q3": page, "q7": f"{page}\n\n[x](javascript:alert(1))"},
        {**FULL, "q3": 0},
    )
    yield Case("spreadsheet-answer", HOSTILE, {**RIGHT, "q3": "=HYPERLINK(1)"}, {**FULL, "q3": 0})
    yield Case(
        "html-error",
        HOSTILE,
        {**RIGHT, "q6": function(f"raise ValueError({page!r})")},
        {**FULL, "q6": 0},
        labels={"q6": "error"},
    )


# Files that are none -----------------------------------------------------------------------------


def files():
    """Whatever may be where a notebook should be: a row with a reason, and 0 points."""

    def broken(name, write, label="refused"):
        labels = dict.fromkeys(FULL, label)
        return Case(name, BROKEN, {}, NOTHING, write=write, labels=labels)

    yield broken("empty-file", lambda file: file.write_bytes(b""))
    yield broken("no-json", lambda file: file.write_text("{"))
    yield broken("json-list", lambda file: file.write_text("[]"))
    yield broken("no-cells", lambda file: file.write_text('{"cells": 3}'))
    yield broken("latin-1", lambda file: file.write_bytes(b'{"cells": ["\xe9"]}'))
    if sys.version_info < (3, 12):  # later parsers read these cells in time, which is no harm
        yield broken("deep-f-strings", _deep_f_strings)
    yield broken("deep-json", lambda file: file.write_text("[" * 100_000))
    yield broken("many-brackets", lambda file: file.write_text("[[]," * 600_000))
    yield broken("much-code", _much_code)
    yield broken("too-large", lambda file: file.write_bytes(b" " * (21 * 2**20)))
    yield broken("wrong-ending", lambda file: file.with_suffix(".txt").write_text("x"))
    yield broken("no-file", lambda file: None, "not submitted")
    # Links and pipes, which would lead the grader elsewhere or keep it waiting.
    yield broken("link", lambda file: file.symlink_to(COURSE / "release" / NAME / f"{NAME}.ipynb"))
    yield broken("linked-folder", _linked_folder)
    yield broken("two-notebooks", _two_notebooks)
    yield broken("pipe", lambda file: os.mkfifo(file))
    yield broken("folder", lambda file: file.mkdir())
    yield broken("hard-link", lambda file: os.link(_other(file), file))
    # Names of folders that are not ids.
    strange = (
        "-rf",
        "a b",
        "<b>bold",
        "=1+1",
        "tücke",
        "x" * 65,
        "..x",
        "a;ls",
        "$(touch pwned)",
    )
    for name in (*strange, "new\nline", "\x1b[31mred", "a\u202eb", os.fsdecode(b"\xff\xfe")):
        yield Case(name, BROKEN, RIGHT, NOTHING, labels=dict.fromkeys(FULL, "refused"))
    # Invalid cells are skipped.
    yield Case("odd-cells", BROKEN, RIGHT, FULL, change=_odd_cells)


def _other(file):
    other = file.with_name("other.txt")
    other.write_text("{}")
    return other


def _much_code(file):
    cell = _code("[" + "x, " * 60_000 + "]")
    file.write_text(json.dumps({"cells": [cell] * 100}))


def _deep_f_strings(file):
    """These cells take the parser of Python 3.11 longer than all submissions of a class."""
    cell = _code('f"' + "{a}" * 55_000 + '"')
    file.write_text(json.dumps({"cells": [cell] * 3}))


def _linked_folder(file):
    elsewhere = file.parents[1] / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / file.name).write_text(_text())
    file.parent.rmdir()
    file.parent.symlink_to(elsewhere)


def _two_notebooks(file):
    for name in ("one.ipynb", "two.ipynb"):
        file.with_name(name).write_text(_text())


def _odd_cells(notebook):
    notebook["cells"] += [None, 3, {"cell_type": 4}, {"source": {"a": 1}, "metadata": []}]


# Honest ones -------------------------------------------------------------------------------------


def honest():
    """What honest students hand in: it costs them nothing that they have earned."""

    def right(name, change=lambda notebook: None, **more):
        return Case(name, HONEST, RIGHT, FULL, change=change, **more)

    yield right("all-right")
    left = {"q6": VARIANT.answers["q6"].wrong[0][1].points}  # a slip leaves its share
    yield Case("all-wrong", HONEST, WRONG, {**NOTHING, **left})
    yield Case("unanswered", HONEST, {}, NOTHING, labels=dict.fromkeys(FULL, "not answered"))
    half = {"q1": RIGHT["q1"], "q3": RIGHT["q3"], "q4": WRONG["q4"]}
    yield Case("half", HONEST, half, {**NOTHING, "q1": 1, "q3": 2})
    yield right("warns", first=("import warnings\nwarnings.warn('careful')",))
    yield right("prints", last=("print('done')\ndisplay(1)",))
    yield right("writes-to-stderr", last=("import sys\nprint('hm', file=sys.stderr)",))
    yield right("fails-elsewhere", last=("1 / 0",))
    yield right("magics", first=("%matplotlib inline\n!ls\n%%time\n1 + 1",))
    yield right("plots", last=("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",))
    helper = "def slope_of(c, n, p):\n    return c * n * p ** (n - 1)"
    body = "slope = slope_of(c, n, p)\nreturn np.array([slope, c * p**n - slope * p])[:2].tolist()"
    yield Case("helpers", HONEST, {**RIGHT, "q6": function(body)}, FULL, first=(helper,))
    line = (  # height = slope p + intercept, and the slope
        "from scipy.linalg import solve\nimport mfteach\nmfteach.Ratings\n"
        "return tuple(solve([[p, 1], [1, 0]], [c * p**n, c * n * p ** (n - 1)]))"
    )
    yield Case("libraries", HONEST, {**RIGHT, "q6": function(line)}, FULL)
    short = "tangent_line = lambda c, n, p: [s := c * n * p ** (n - 1), c * p**n - s * p]"
    yield right("lambda", change=_source("q6", short))
    own = VARIANT.answers["q3"].parameters
    power = f"{own['n'] - 1}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    derivative = f"{own['a'] * own['n']} x{power} + {own['b']}"
    spelled = {"q1": f" {RIGHT['q1'].lower()} ", "q3": derivative, "q5": f"x = {RIGHT['q5']}"}
    yield Case("other-spellings", HONEST, {**RIGHT, **spelled}, FULL)
    quoted = 'note = "a\u2028b\x0cc"\n' + RIGHT["q6"]
    yield right("odd-line-ends", change=_source("q6", quoted))
    yield right("windows-line-ends", change=_windows_line_ends)
    yield right("sources-as-lines", change=_sources_as_lines)
    yield right("asks-for-input", first=("name = input('Your name?')",))
    yield right("awaits", first=("import asyncio\nawait asyncio.sleep(0)",))
    yield right("reordered", change=lambda notebook: notebook["cells"].reverse())
    yield right("without-metadata", change=_without_metadata)
    yield right("duplicated", change=lambda notebook: notebook["cells"].extend(notebook["cells"]))
    yield right("answered-elsewhere", change=_moved_answers)
    yield Case("byte-order-mark", HONEST, RIGHT, FULL, write=_written(b"\xef\xbb\xbf"))
    yield Case("nbformat-3", HONEST, RIGHT, FULL, write=_nbformat_3)
    yield Case("another-file-name", HONEST, RIGHT, FULL, write=_renamed)


def _without_metadata(notebook):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _windows_line_ends(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def _sources_as_lines(notebook):
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def _moved_answers(notebook):
    """The answers in new cells at the end; the given cells stay empty."""
    cells = {_grade_id(cell): cell for cell in _release()["cells"]}
    for cell in list(notebook["cells"]):
        if _grade_id(cell) in FULL:
            notebook["cells"].append(_code(cell["source"]))
            cell["source"] = cells[_grade_id(cell)]["source"]


def _text():
    return json.dumps(Case("", HONEST, RIGHT, FULL).notebook())


def _written(prefix):
    return lambda file: file.write_bytes(prefix + _text().encode())


def _nbformat_3(file):
    cells = json.loads(_text())["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    sheets = [{"cells": cells}]
    file.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}))


def _renamed(file):
    file.with_name("my homework.ipynb").write_text(_text())
