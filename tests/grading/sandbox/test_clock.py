"""A submission answers for what it computed and slept; for nothing that others did."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from functools import partialmethod

import classroom
import pytest
from classroom import RIGHT, load, submit

from mfteach.grading.marks.grade import Grader, grade_class
from mfteach.grading.sandbox import clock, places
from mfteach.grading.sandbox.clock import Clock, family
from mfteach.grading.sandbox.lines import Lines
from mfteach.grading.sandbox.sandbox import find_sandbox

in_sandbox = pytest.mark.needs_sandbox

BUSY = """
import time
def busy(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass
    return 1.0
"""
FOURTEEN = """
import os
def busy(seconds):
    for _ in range(14):
        if os.fork() == 0:
            while True:
                pass
    while True:
        pass
"""


@pytest.fixture(params=["control group", "processes"])
def counted_by(request, monkeypatch):
    """Both ways to count."""
    if request.param == "processes":
        monkeypatch.setattr(places, "_own_group", lambda: None)
    elif places._own_group() is None:
        pytest.skip("no control group of version 2 may be made here")
    find_sandbox.cache_clear()
    yield request.param
    find_sandbox.cache_clear()


def asked(cell, name, *arguments, seconds=2.0):
    """The outcome of a call, the time that it was charged, and whether that is doubtful."""
    with find_sandbox().session([cell], seconds) as session:
        session.value("nothing")
        before = session._remaining
        outcome = session.call(name, arguments)
        return outcome, before - session._remaining, session.is_doubtful


# What is counted ---------------------------------------------------------------------------------


@in_sandbox
def test_computing_is_counted(counted_by):
    outcome, charged, _ = asked(BUSY, "busy", 0.3)
    assert outcome.value == 1.0
    # What is computed after the last look is not seen, nor a part of a tick, in two processes.
    assert 0.3 - clock.STEP - 2 * clock._TICK < charged < 0.9


@in_sandbox
def test_sleep_is_counted_like_computing():
    outcome, charged, is_doubtful = asked("import time", "time")
    assert outcome.failure == "missing"
    sleeps = "import time\ndef f():\n    time.sleep(1000)"
    outcome, charged, is_doubtful = asked(sleeps, "f")
    assert outcome.failure == "time limit"
    assert charged > 1
    assert not is_doubtful


@in_sandbox
@pytest.mark.parametrize("names", [["send"], ["receive"], ["send", "receive"]])
def test_nobody_pays_for_a_grader_that_is_late(monkeypatch, names):
    """Each answer lay there for a step: all of them were more than a second of "sleep"."""

    def late(lines, on_time, *arguments):
        time.sleep(1.2 * clock.STEP)
        return on_time(lines, *arguments)

    with find_sandbox().session(["def f():\n    return 1.0"], 1.0) as session:
        session.value("nothing")
        for name in names:
            monkeypatch.setattr(Lines, name, partialmethod(late, getattr(Lines, name)))
        assert [session.call("f", ()).value for _ in range(24)] == [1.0] * 24
        assert session._remaining > 0.7


TRICKLE = """
import os, time
def is_open(end):
    try:
        return bool(os.fstat(end))
    except OSError:
        return False
def f():
    ends = [end for end in range(3, 20) if is_open(end)]
    while True:
        time.sleep(0.0002)
        for end in ends:
            try:
                os.write(end, BYTES)
            except OSError:
                pass
"""


@in_sandbox
@pytest.mark.parametrize("written", ["b'x'", "b'xxxxxxx\\n'"])
def test_bytes_that_trickle_do_not_hide_sleep(written):
    """They look like an answer that waits for the grader, each time anew."""
    cell = TRICKLE.replace("BYTES", written)
    outcome, charged, is_doubtful = asked(cell, "f")
    assert outcome.failure == "time limit"
    assert charged > 0.5
    assert not is_doubtful


@in_sandbox
def test_children_are_counted_even_those_that_have_ended(counted_by):
    cell = (
        BUSY + "import os\ndef f():\n    for _ in range(4):\n        if os.fork() == 0:\n"
        "            busy(0.2)\n            os._exit(0)\n        os.wait()\n    return 2.0"
    )
    outcome, charged, _ = asked(cell, "f", seconds=4.0)
    assert outcome.value == 2.0
    # Of the last one a step may be unseen; and parts of ticks in two processes, and of what ended.
    assert charged > 4 * 0.2 - clock.STEP - 6 * clock._TICK > 3 * 0.2


@in_sandbox
def test_fourteen_loops_take_nothing_from_their_neighbour(counted_by):
    """They had the processors, and the honest one the "time limit" for half a second."""
    sandbox, outcomes = find_sandbox(), {}

    def run(name, cell, seconds):
        with sandbox.session([cell], seconds) as session:
            outcomes[name] = session.call("busy", (0.5,))

    runs = [("loops", FOURTEEN, 3.0)] * 3 + [("honest", BUSY, 3.0)]
    threads = [threading.Thread(target=run, args=one) for one in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes["honest"].value == 1.0
    assert outcomes["loops"].failure == "time limit"


@in_sandbox
def test_a_sandbox_stays_on_its_processor_and_stands_back():
    cell = (
        "import os\ndef at():\n    try:\n        os.sched_setaffinity(0, range(64))\n"
        "    except OSError:\n        pass\n    return len(os.sched_getaffinity(0))\n"
        "def nice():\n    return os.nice(0)"
    )
    assert asked(cell, "at")[0].value == 1
    assert asked(cell, "nice")[0].value >= 5


@in_sandbox
def test_nobody_can_hide_from_the_count_by_ignoring_children():
    cell = "import signal\ndef f():\n    signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    outcome = asked(cell, "f")[0]
    assert (outcome.failure, outcome.detail[:15]) == ("error", "PermissionError")


def test_processors_are_shared_out_evenly():
    processors = places.Processors()
    processors._taken = {0: 0, 1: 0}
    with processors.one() as first, processors.one() as second, processors.one():
        assert {first, second} == {0, 1}
        assert sum(processors._taken.values()) == 3
    assert set(processors._taken.values()) == {0}


# The clock itself --------------------------------------------------------------------------------


class Scene:
    """A clock whose wall, processors and processes are what a test says."""

    def __init__(self, monkeypatch):
        self.now, self.computed, self.states = 0.0, 0.0, Counter("S")
        monkeypatch.setattr(clock.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(clock, "_family_times", lambda _: (self.computed, self.states))
        self.clock = Clock([0], None)

    def after(self, wall, computed, *states, waits_for_us=False):
        """Let time pass in steps, and say whether it is over."""
        for _ in range(round(wall / 0.06)):
            self.now += 0.06
            self.computed += computed / round(wall / 0.06)
            self.states = Counter(states)
            if self.clock.is_over(lambda: waits_for_us):
                return True
        return False


@pytest.fixture
def scene(monkeypatch):
    return Scene(monkeypatch)


def test_waiting_for_a_processor_is_not_counted(scene):
    scene.clock.start(1)
    assert not scene.after(30, 0.9, "R", "S")
    assert scene.after(30, 0.9, "R", "S")
    assert not scene.clock.is_doubtful


def test_the_wall_is_a_far_bound_and_leaves_a_doubt(scene):
    scene.clock.start(1)
    assert not scene.after(59, 0.1, "R")
    assert scene.after(3, 0.1, "R")
    assert scene.clock.is_doubtful


def test_waiting_for_a_disk_is_counted_and_leaves_a_doubt(scene):
    scene.clock.start(1)
    assert scene.after(2, 0, "D", "S")
    assert scene.clock.is_doubtful


def test_an_answer_that_waits_for_the_grader_is_not_counted(scene):
    for number in range(1, 31):
        scene.clock.start(0.1)
        assert not scene.after(0.06, 0.03, "S", waits_for_us=True)
        scene.now += clock.STEP
        scene.clock.settle(is_well=True)
        assert scene.clock.time == pytest.approx(0.03 * number)


def test_an_answer_that_is_there_is_in_time(scene):
    scene.clock.start(0.04)
    assert not scene.after(0.06, 0, "S", waits_for_us=True)
    assert scene.after(0.06, 0, "S", waits_for_us=True)


def test_sleep_before_an_answer_is_counted(scene):
    scene.clock.start(1)
    assert not scene.after(0.3, 0, "S")
    scene.clock.settle(is_well=True)
    assert scene.clock.time == pytest.approx(5 * clock.STEP)


def test_what_only_looks_like_an_answer_is_counted(scene):
    scene.clock.start(1)
    assert not scene.after(0.96, 0, "S", waits_for_us=True)
    assert scene.after(0.36, 0, "S", waits_for_us=True)
    scene.clock.settle(is_well=True)
    assert scene.clock.time > 0.95


def test_a_look_that_comes_late_counts_one_step_of_sleep(scene):
    scene.clock.start(1)
    scene.now += 100
    assert scene.clock.time == 0
    scene.clock.look(lambda: False)
    assert scene.clock.time == pytest.approx(clock.STEP)


def test_what_ended_unseen_is_never_given_back(scene):
    scene.clock.start(1)
    scene.computed = 0.8
    scene.clock.look(lambda: False)
    scene.computed = 0.1
    scene.clock.look(lambda: False)
    assert scene.clock.time == 0.8


def test_what_is_stopped_altogether_is_not_waited_for(scene):
    scene.states = Counter("SSR")  # two of ours, and the worker
    scene.clock.ready()
    scene.clock.start(1)
    assert not scene.after(0.12, 0, "S", "S", "T", "R")  # a child may let it continue
    assert scene.after(0.06, 0, "S", "S", "T", "T", "Z")
    assert scene.clock.time < 0.1


def test_what_has_ended_is_not_called_stopped(scene):
    scene.states = Counter("SSR")
    scene.clock.ready()
    scene.clock.start(1)
    assert not scene.after(0.06, 0, "S", "S", "Z")  # the end of its pipe says more


def test_quick_answers_are_looked_at_together(scene, monkeypatch):
    looks = []
    look = scene.clock.look
    monkeypatch.setattr(scene.clock, "look", lambda waits: looks.append(1) or look(waits))
    scene.states = Counter("R")
    for _ in range(20):
        scene.clock.start(1)
        scene.now += 0.26 * clock.STEP
        scene.computed += 0.26 * clock.STEP
        scene.clock.settle(is_well=True)
    assert len(looks) == 5
    assert scene.clock.time == pytest.approx(20 * 0.26 * clock.STEP)
    scene.clock.start(1)
    scene.clock.settle(is_well=False)
    assert len(looks) == 6


def test_the_family_is_found_with_its_threads():
    assert os.getpid() in family(os.getpid())
    assert clock._family_times([os.getpid()])[0] > 0
    assert clock._family_times([2**22 + 1]) == (0, Counter())  # no process has such a number


# A class -----------------------------------------------------------------------------------------

SLOW = RIGHT["q6"].replace(
    "\n",
    "\n    t = __import__('time').process_time\n    began = t()\n    while t() - began < 0.02: 0\n",
    1,
)


@contextmanager
def load_of(number):
    """So many processes that want a processor all the time."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@in_sandbox
def test_under_a_load_of_16_the_marks_are_those_of_a_quiet_machine(course, monkeypatch):
    monkeypatch.setattr("mfteach.grading.marks.gradebook.is_installed", lambda: False)
    submit(course, "a", {**RIGHT, "q6": SLOW})
    submit(course, "b", {**RIGHT, "q7": "A text.", "q6": SLOW})
    forks = FOURTEEN.replace("busy(seconds)", "tangent_line(c, n, p)")
    submit(course, "c", {**RIGHT, "q6": forks})
    submit(course, "d", {**RIGHT, "q6": "def tangent_line(c, n, p):\n    while True: pass"})
    loaded, assignment = load(course)
    grader = Grader(loaded, assignment, find_sandbox(), 1.0, loaded.secrets())
    quiet = grade_class(grader, 2)
    with load_of(16):
        busy = grade_class(grader, 4)
    assert busy == quiet
    points = {one.student: one.points for one in quiet.results}
    assert points == {"a": 8, "b": 8, "c": 6, "d": 6}


@pytest.mark.parametrize(
    ("doubts", "points", "said"),
    [(1, 8, ""), (2, 6, "The machine was too busy to give this submission its time")],
)
def test_what_ran_out_of_time_on_a_busy_machine_is_graded_again_alone(
    course, monkeypatch, doubts, points, said
):
    monkeypatch.setattr("mfteach.grading.marks.gradebook.is_installed", lambda: False)
    runs = []

    class Busy(classroom.Here):
        """Its time runs out, the first times."""

        def __init__(self, program):
            super().__init__(program)
            runs.append(threading.active_count())
            self.is_doubtful = len(runs) <= doubts

        def call(self, function, arguments):
            real = super().call(function, arguments)
            return classroom.Outcome(failure="time limit") if self.is_doubtful else real

    class Sandboxed:
        def session(self, program, seconds):
            return Busy(program)

    submit(course, "a")
    result = grade_class(classroom.grader(course, Sandboxed()), 1).results[0]
    assert len(runs) == 2
    assert runs[1] < runs[0]  # no pool is at work any more
    assert (result.points, result.reason[: len(said)]) == (points, said)
    assert bool(result.reason) == bool(said)
