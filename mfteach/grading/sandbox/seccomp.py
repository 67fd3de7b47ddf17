"""The system calls that student code may not make: a filter for the kernel (seccomp, classic BPF).

The namespaces already hide the files, the network and the other processes. This filter refuses ways
around the limits (memory that belongs to no process, sockets of families without namespaces, new
namespaces) and doors into the kernel that no exercise needs.
"""

from __future__ import annotations

import platform
import struct

# Numbers on x86-64 (AUDIT_ARCH 0xC000003E) and on 64-bit ARM (0xC00000B7).
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_REFUSED = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "socket": (41, 198),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265),
    "sched_setaffinity": (203, 122),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_SIGACTION = (13, 134)
_SIGCHLD = 17  # whoever ignores it has children whose processor time nobody counts
_X32 = 0x40000000  # from here on: x86-64's second table of system calls
_CLONE_NEW = 0x7E020000  # the flags of clone that ask for namespaces

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in the kernel's struct seccomp_data
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38


def program(machine: str = platform.machine()) -> bytes | None:
    """The filter in the kernel's format; None for processors whose numbers are not known here.

    A refused call fails with EPERM. ``clone3`` fails with ENOSYS instead: no filter can read its
    flags, and the C library then falls back to ``clone``.
    """
    if machine not in _ARCHITECTURES:
        return None
    architecture, column = _ARCHITECTURES[machine]
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, architecture, skip_if_true=1),
        _step(_RETURN, _EPERM),  # 32-bit calls have other numbers
        _step(_LOAD, _NUMBER),
        *_answer(_AT_LEAST, _X32, _EPERM),
        *_answer(_EQUAL, _CLONE3[column], _ENOSYS),
    ]
    for numbers in _REFUSED.values():
        steps += _answer(_EQUAL, numbers[column], _EPERM)
    steps += [
        *_answer_by_argument(_CLONE[column], _ANY_BIT, _CLONE_NEW),
        *_answer_by_argument(_SIGACTION[column], _EQUAL, _SIGCHLD),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _answer(test: int, operand: int, answer: int) -> list[bytes]:
    return [_step(test, operand, skip_if_false=1), _step(_RETURN, answer)]


def _answer_by_argument(number: int, test: int, operand: int) -> list[bytes]:
    """Refuse a call if its first argument is such and such, and else allow it."""
    return [
        _step(_EQUAL, number, skip_if_false=4),
        _step(_LOAD, _FIRST_ARGUMENT),
        *_answer(test, operand, _EPERM),
        _step(_RETURN, _ALLOW),
    ]


def _step(code: int, operand: int, skip_if_true: int = 0, skip_if_false: int = 0) -> bytes:
    """One instruction: struct sock_filter of the kernel."""
    return struct.pack("=HBBI", code, skip_if_true, skip_if_false, operand)
