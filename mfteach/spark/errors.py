"""What goes wrong on a cluster, in one line with a cure, instead of a page of Java."""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from mfteach.arguments import InputError
from mfteach.spark.watching import Watch

# What Java says, what that means, and what helps.
MEANINGS = (
    (
        r"\[PATH_NOT_FOUND\][^:]*: (?:file:/*(?=/))?(\S+?)\.? ",
        "the cluster sees no {0}",
        "Give a path that all of its machines see",
    ),
    (
        r"FileNotFoundException: (?:File )?(?:file:)?(\S+)",
        "a worker does not see {0}",
        "Put it where all machines of the cluster see it under the same path",
    ),
    (
        r"CSV header[\s\S]*?CSV file: (?:file:/*(?=/))?(\S+)",
        "{0} has other columns than the largest file beside it",
        "Write the same columns, and their names, into each file",
    ),
    (
        r"reading file (?:file:/*(?=/))?(\S+?)\. (Data type mismatches [^.]*\.[^.]*)\.",
        "{0} has another type of column than the files beside it: {1}",
        "Write the same columns into each file",
    ),
    (
        r"reading file (?:file:/*(?=/))?(\S+?)\.\s[\s\S]*is not a Parquet file",
        "{0} is no whole Parquet file",
        "Write it again",
    ),
    (
        r"(?:UNABLE_TO_INFER_SCHEMA|is not a Parquet file)",
        "what is there is no whole Parquet file",
        "Write it again",
    ),
    (
        r"No module named '([\w.]+)'",
        "the Python of a worker has no {0}",
        "Install it there, or say by PYSPARK_PYTHON which Python has it",
    ),
    (
        r"PYTHON_VERSION_MISMATCH",
        "the workers have another Python than this machine",
        "Say by PYSPARK_PYTHON where they have the same",
    ),
    (
        r"OutOfMemoryError",
        "a process of Spark ran out of memory",
        "Give the cluster more of it, or take fewer factors",
    ),
    (
        r"ExecutorLostFailure|Master removed our application|All masters are unresponsive",
        "the cluster lost the workers that computed this",
        "Look why in their logs, start them again, and fit again",
    ),
    (
        r"SparkContext was shut down|Answer from Java side is empty|Connection refused",
        "Spark ended in the middle of the work",
        "Look into the log of the cluster, and fit again",
    ),
    (
        r"reading file (?:file:/*(?=/))?(\S+?)\. ",
        "{0} cannot be read together with the files beside it",
        "Write it again, with the same columns as these",
    ),
)


@contextmanager
def in_our_words(watch: Watch, master: str) -> Iterator[None]:
    """Let what Spark cannot do inside the ``with`` be an `InputError`, or an OSError of a disk."""
    from py4j.protocol import Py4JError, Py4JNetworkError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, Py4JNetworkError, PySparkException, ConnectionError) as error:
        if _came_of_ctrl_c(error):
            raise KeyboardInterrupt from error
        said = str(error)
        if watch.lost:
            raise InputError(
                f"no worker of {master} is left, or none has a processor free",
                "Start some, and fit again",
            ) from error
        if "No space left on device" in said:
            where = f"in {tempfile.gettempdir()}, or where the checkpoint is"
            raise OSError(
                errno.ENOSPC, f"the disk is full where Spark computes: {where}"
            ) from error
        for pattern, what, cure in MEANINGS:
            found = re.search(pattern, said)
            if found:
                raise InputError(what.format(*found.groups()), cure) from error
        if isinstance(error, Py4JError):  # it would ask Java, which has ended by then
            raise Py4JError(said) from None
        raise


def _came_of_ctrl_c(error: BaseException) -> bool:
    """Whether it was raised while Spark's own Python cleaned up after Ctrl-C, in its place."""
    before = error.__context__
    return before is not None and (isinstance(before, KeyboardInterrupt) or _came_of_ctrl_c(before))
