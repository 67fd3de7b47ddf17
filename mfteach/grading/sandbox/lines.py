"""Lines over a pair of pipes whose other end may be hostile: limits on time and on bytes."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from mfteach.grading.sandbox.clock import STEP

IsOver = Callable[[Callable[[], bool]], bool]
"""Whether time is over; it is given a way to ask whether the pipe is ready, for who waits then?"""


class PipeError(Exception):
    """The other end broke a rule; the subclass says which."""


class Closed(PipeError):
    """The other end is gone."""


class TimeUp(PipeError):
    """The other end did not read, or did not answer, in time."""


class TooMuch(PipeError):
    """The other end sent more bytes than allowed."""


class Lines:
    """Send and receive lines; nothing that the other end does makes it wait when time is over.

    Parameters
    ----------
    reader, writer : int
        File descriptors of pipes; the caller closes them.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        self._received = bytearray()
        for end in (reader, writer):
            os.set_blocking(end, False)

    def send(self, line: bytes, is_over: IsOver) -> None:
        """Write a line, until ``is_over``, which is asked again and again.

        Raises
        ------
        Closed, TimeUp
        """
        rest = memoryview(line + b"\n")
        while rest:
            _wait(self._writer, select.POLLOUT, is_over)
            try:
                rest = rest[os.write(self._writer, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise Closed from error

    def receive(self, is_over: IsOver, allowed: int) -> bytes:
        """The next line, without its end.

        Raises
        ------
        Closed, TimeUp
        TooMuch
            If ``allowed`` bytes came without an end of line.
        """
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            if len(self._received) > allowed:
                raise TooMuch
            searched = len(self._received)
            _wait(self._reader, select.POLLIN, is_over)
            try:
                more = os.read(self._reader, 1 << 16)
            except BlockingIOError:
                continue
            if not more:
                raise Closed
            self._received += more
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line


def _wait(end: int, event: int, is_over: IsOver) -> None:
    """Wait until this end of a pipe is ready (or has failed)."""
    poll = select.poll()
    poll.register(end, event)
    while not is_over(lambda: bool(poll.poll(0))):
        if poll.poll(STEP * 1000):
            return
    raise TimeUp
