"""Parses the cells of a submission in a process of its own, within a bound of time and memory."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

from mfteach.grading.submissions import syntax
from mfteach.grading.submissions.notebooks import Refusal, Submission

LIMITS = {"RLIMIT_CPU": 3, "RLIMIT_AS": 2**30, "RLIMIT_CORE": 0}
"""Seconds and bytes: a hundred times what a class needs."""
_KILLED = (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV)


def parsed(submission: Submission) -> Submission:
    """Return a submission with what its cells say.

    Raises
    ------
    Refusal
        If its code takes more time or memory than any honest code.
    RuntimeError
        If the process ends in any other way; the message is what it wrote.
    """
    limits = {name: limit for name, limit in LIMITS.items() if name != _UNKNOWN}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", syntax.__file__, json.dumps(limits)],
        input=json.dumps(submission.sources).encode(),
        capture_output=True,
        cwd="/",
    )
    if done.returncode in _KILLED:
        raise Refusal(
            "refused",
            "The code in the notebook takes too long to read: it is too large, or nested too "
            "deeply. Remove what no answer needs, save, submit again.",
        )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return submission.with_code(json.loads(done.stdout))


_UNKNOWN = "RLIMIT_AS" if sys.platform == "darwin" else ""  # which has no limit on address space
