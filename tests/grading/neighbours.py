"""More submissions for 03-power-rule, by students who cost others something, or try to.

They take the processors, the grader's own time, the shared limits, or somebody's attention, and
hide it; or they meddle with the clock and the packages. See `corpus` for what a `Case` is.
"""

import os

from corpus import FULL, HOSTILE, NOTHING, RIGHT, WRONG, Case
from corpus import function as _function


def neighbours():
    """Every case."""
    return [*stamped(), *slowing(), *quoted(), *deep(), *filling(), *meddling()]


def _last(name, source):
    """Right answers, and one cell more, which costs nothing else."""
    return Case(name, HOSTILE, RIGHT, FULL, last=(source,))


def _in_the_function(name, body, label, first=()):
    """Right answers but for the function, which does something else."""
    answers, points = {**RIGHT, "q6": _function(body)}, {**FULL, "q6": 0}
    return Case(name, HOSTILE, answers, points, first, labels={"q6": label})


# Times -------------------------------------------------------------------------------------------


def stamped():
    """Times that no calendar has, and things that are no time: the answers are right."""
    stamps = {
        "before-the-first-year": "0001-01-01 00:00:00 +23:59",
        "after-the-last-year": "9999-12-31 23:59:59 -23:59",
        "first-year": "0001-01-01 00:00:00 UTC",
        "last-year": "9999-12-31 23:59:59 UTC",
        "first-year-in-tokyo": "0001-01-01 00:00:00 Asia/Tokyo",
        "offset-of-99-hours": "2027-02-01 10:00:00 +99:99",
        "zone-that-is-a-path": "2027-02-01 10:00:00 ../../../etc/passwd",
        "stamp-of-html": "<script>alert(1)</script>",
        "long-stamp": "9" * 10**6,
        "stamp-that-is-a-link": lambda file: file.symlink_to("/etc/passwd"),
        "stamp-that-is-a-folder": lambda file: file.mkdir(),
        "stamp-that-is-a-pipe": os.mkfifo,
        "stamp-of-no-text": lambda file: file.write_bytes(b"\xff\xfe\x00" * 9),
    }
    for name, stamp in stamps.items():
        yield Case(name, HOSTILE, RIGHT, FULL, stamp=stamp)


# Time --------------------------------------------------------------------------------------------

_LOOP = "while True:\n    pass\n"
_CHILDREN = "import os\nfor _ in range(14):\n    if os.fork() == 0:\n        while True: pass\n"


def slowing():
    """Code that takes the processors from others, or hides how much it takes."""
    loops = {
        "loops-of-14": _CHILDREN + _LOOP,
        "loops-of-14-that-wait": _CHILDREN + "os.wait()",
        "loops-of-threads": (
            "import threading\n\ndef loop():\n    while True: pass\n\nfor _ in range(12):\n"
            "    threading.Thread(target=loop, daemon=True).start()\nloop()"
        ),
        "children-that-nobody-counts": (
            "import os, signal\ntry:\n    signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
            "except OSError:\n    pass\nwhile True:\n    if os.fork() == 0:\n"
            "        sum(range(10**5))\n        os._exit(0)\n    os.wait()"
        ),
        "orphans-one-after-the-other": (
            "import os\nwhile True:\n    if os.fork() == 0:\n        if os.fork() == 0:\n"
            "            sum(range(10**5))\n        os._exit(0)\n    os.wait()"
        ),
        "no-alarm": "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0)\n" + _LOOP,
        "alarm-ignored": "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\n" + _LOOP,
        "sleeps": "import time\ntime.sleep(10**6)",
        "naps": "import time\nwhile True:\n    time.sleep(0.001)",
        "yields": "import os\nwhile True:\n    os.sched_yield()",
        "waits-for-a-child": (
            "import os, time\nif os.fork() == 0:\n    time.sleep(10**6)\nos.wait()"
        ),
        "waits-as-for-a-disk": (
            "import ctypes, time\nif ctypes.CDLL(None).vfork() == 0:\n    time.sleep(10**6)"
        ),
        "waits-for-itself": (
            "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"
        ),
        "waits-at-a-pipe": "import os\nos.mkfifo('/tmp/p')\nopen('/tmp/p').read()",
    }
    for name, body in loops.items():
        yield _in_the_function(name, body, "time limit")
    yield _in_the_function(
        "process-that-moves-on", "import os\nwhile True:\n    if os.fork(): os._exit(0)", "crashed"
    )
    yield _in_the_function(
        "burns-behind-the-scenes",
        "return here(c, n, p)",
        "time limit",
        first=(
            "import threading\n\ndef loop():\n    while True: pass\n\n"
            "def here(c, n, p):\n    threading.Thread(target=loop).start()\n    loop()",
        ),
    )
    yield _last("loops-of-14-in-a-cell", _CHILDREN + _LOOP)
    yield _last(
        "pushes-ahead",
        "import os\nfor call in (lambda: os.nice(-20), lambda: os.sched_setaffinity(0, {0, 1}),\n"
        "             lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),\n"
        "             lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):\n"
        "    try:\n        call()\n    except OSError:\n        pass",
    )
    yield _last("large-imports", "import sympy, scipy.stats, matplotlib.pyplot, pandas")


# Texts -------------------------------------------------------------------------------------------

MARKUP = (
    "</p><script>alert(1)</script>",
    "</code></pre></textarea><img src=x onerror=alert(1)>",
    "\n```\n<script>alert(1)</script>\n```\n",
    "[x](javascript:alert(1)) ![y](http://127.0.0.1/y.png)",
    "$\\href{javascript:alert(1)}{x}$ $$\\require{html}\\style{color:red}{x}$$",
    "{{ 7 * 7 }}{% include 'x' %}",
    "\u2028<iframe srcdoc='<script>alert(1)</script>'>",
    "<svg/onload=alert(1)>" + "x" * 300,
    "&lt;script&gt;alert(1)&lt;/script&gt; `` ` ``` ~~~",
)
"""What a page that quotes it must only show."""


def quoted():
    """Texts that pages quote: in nbgrader's own feedback the first of them was live HTML."""

    def error(name, source, label="error"):
        answers, points = {**RIGHT, "q6": source}, {**FULL, "q6": 0}
        return Case(name, HOSTILE, answers, points, labels={"q6": label})

    for number, text in enumerate(MARKUP):
        yield error(f"markup-{number}", _function(f"raise ValueError({text!r})"))
    kind = "type('<script>alert(1)</script>', (Exception,), {})"
    yield error("markup-as-a-type", _function(f"raise {kind}"))
    yield error("markup-that-is-not-python", f"def tangent_line(c, n, p): {MARKUP[0]}")
    later = _function(f"raise NotImplementedError({MARKUP[0]!r})")
    yield error("markup-for-later", later, "not answered")
    typed = {"q1": MARKUP[0], "q3": MARKUP[1], "q4": MARKUP[2], "q7": "".join(MARKUP)}
    points = {**FULL, "q1": 0, "q3": 0, "q4": 0}
    yield Case("markup-everywhere", HOSTILE, {**RIGHT, **typed}, points)


# Sources -----------------------------------------------------------------------------------------


def deep():
    """Sources that are hard to parse: they cost this cell, or at most this submission."""
    sources = {
        "parentheses": "(" * 150_000,
        "lists-in-lists": "[" * 90_000 + "]" * 90_000,
        "sums": "1+" * 80_000 + "1",
        "attributes": "a" + ".b" * 80_000,
        "calls": "f" + "()" * 80_000,
        "lambdas": "lambda:" * 22_000 + "1",
        "contexts": "with a" + ", a" * 60_000 + ": pass",
        "patterns": "match x:\n    case " + "|".join("1" * 20_000) + ": pass",
        "answers-by-the-thousand": "!\n" + "q4 = (((\n" * 15_000,
    }
    for name, source in sources.items():
        yield _last(f"deep-{name}", source)


# Room --------------------------------------------------------------------------------------------


def _then_loops(source):
    """Fill something, and keep it full: whether the limit or the time ends it, it ends alike."""
    quiet = "\n".join(f"    {line}" for line in source.splitlines())
    return f"try:\n{quiet}\nexcept (MemoryError, OSError):\n    while True: pass"


def filling():
    """Code that fills what all share: it runs into a limit."""
    sources = {
        "one-long-line": "print('x' * 10**7)",
        "many-files": _then_loops("i = 0\nwhile True:\n    open(f'/tmp/{(i := i + 1)}', 'w')"),
        "fills-its-home": (
            "import os\nfor i in range(100):\n"
            "    open(os.path.expanduser(f'~/{i}'), 'wb').write(bytes(10**7))"
        ),
        "sparse-file": "open('/tmp/x', 'wb').truncate(10**13)",
        "large-array": "import numpy\nnumpy.ones(10**10)",
        "list-without-end": _then_loops("x = [0]\nwhile True:\n    x += x"),
        "anonymous-memory": "import mmap\nx = [mmap.mmap(-1, 10**9) for _ in range(100)]",
        "open-files": "x = [open('/dev/zero') for _ in range(10**4)]",
    }
    for name, source in sources.items():
        yield _last(name, source)
    many = "import numpy\nreturn numpy.zeros(10**6)"
    yield _in_the_function("large-answer", many, "unreadable")


# Marks -------------------------------------------------------------------------------------------


def meddling():
    """Wrong answers, with code that meddles with the clock, the parser or the packages."""

    def wrong(name, *first, last=()):
        answers = {**WRONG, "q6": _function("return 0.0, 0.0")}
        return Case(name, HOSTILE, answers, NOTHING, first, last)

    letter, number = RIGHT["q1"], RIGHT["q4"]
    yield wrong(
        "patched-packages",
        "import importlib, scipy.optimize, sympy\nscipy.optimize.root = print\n"
        "sympy.diff = lambda *a: 0\nimportlib.import_module = print",
    )
    yield wrong(
        "writes-control-groups",
        "import glob\nfor file in glob.glob('/sys/**', recursive=True):\n"
        "    open(file, 'w').write('max')",
    )
    yield wrong("stops-the-clock", "import time\ntime.monotonic = time.process_time = lambda: 0.0")
    yield wrong("answers-in-strings", f"q = '''\nq1 = {letter!r}\n'''")
    yield wrong("answers-in-a-class", f"class A:\n    q1 = {letter!r}\nif True:\n    q4 = {number}")
    yield wrong("answers-by-exec", f"exec('q1 = {letter!r}; q4 = {number}')")
    yield wrong("answers-by-globals", f"globals().update(q1={letter!r}, q4={number})")
    yield wrong("every-letter-in-turn", last=("\n".join(f"q1 = {one!r}" for one in "ABCD"),))
    yield wrong(
        "stub-at-the-end", last=("def tangent_line(c, n, p):\n    raise NotImplementedError",)
    )
