"""Work in pieces: the same results in the same order, on any number of threads."""

import os
import sys
import threading
import time

import pytest

from mfteach.fast.threads import n_threads, side_by_side


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_arguments(threads, monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", str(threads))
    pieces = ((n, n + 1) for n in range(20))
    assert side_by_side(lambda a, b: 10 * a + b, pieces) == [11 * n + 1 for n in range(20)]


def test_pieces_run_at_the_same_time(monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", "2")
    both = threading.Barrier(2, timeout=300)  # broken unless two are there together
    assert sorted(side_by_side(both.wait, [(), ()])) == [0, 1]


@pytest.mark.parametrize(("threads", "n_pieces"), [("1", 3), ("4", 1)])
def test_one_thread_or_one_piece_starts_nothing(threads, n_pieces, monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", threads)
    found = side_by_side(threading.get_ident, [()] * n_pieces)
    assert found == [threading.get_ident()] * n_pieces


def test_an_error_of_a_piece_is_raised(monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", "2")
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda n: 1 / n, [(1,), (0,), (2,)])


@pytest.mark.parametrize("threads", ["0", "-1", "two", "1.5", "100000", "٣"])
def test_a_wrong_number_of_threads_is_refused(threads, monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", threads)
    with pytest.raises(ValueError, match="MFTEACH_THREADS is a whole number from 1 to 1024"):
        n_threads()


def test_without_a_wish_every_processor_of_the_process_is_used(monkeypatch):
    monkeypatch.delenv("MFTEACH_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    assert n_threads() == 3
    monkeypatch.setenv("MFTEACH_THREADS", " ")
    assert n_threads() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert n_threads() == 7


def test_inside_a_browser_nothing_is_started(monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", "4")
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert n_threads() == 1
    assert side_by_side(threading.get_ident, [(), ()]) == [threading.get_ident()] * 2


def test_the_thread_that_calls_works_too(monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", "2")
    both = threading.Barrier(2, timeout=300)

    def who():
        both.wait()
        return threading.get_ident()

    assert threading.get_ident() in side_by_side(who, [(), ()])


@pytest.mark.parametrize("error", [IndexError, KeyboardInterrupt])
def test_after_an_error_nothing_more_is_begun(error, monkeypatch):
    monkeypatch.setenv("MFTEACH_THREADS", "2")
    begun, both = [], threading.Event()

    def fail(n):
        begun.append(n)
        if n == 0:
            both.wait(30)  # until the other thread is at work
            raise error(n)
        both.set()
        time.sleep(0.001)

    with pytest.raises(error):
        side_by_side(fail, ((n,) for n in range(1000)))
    assert len(begun) < 1000
