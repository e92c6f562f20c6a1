"""A filter that leaves a process the system calls of a calculation: memory, its pipes, its timer, its end.

It stops what limits on resources do not: exec needs no descriptor, and root may fork whatever RLIMIT_NPROC says.
Source: Linux man-pages, seccomp(2) and prctl(2); the numbers from the kernel's tables for each architecture.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2  # prctl(2)
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06  # bpf(4): ld [k], jeq k, ret k
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # struct seccomp_data

# `getcwd` is for the binding, which asks where it is before it asks us for an import.
_X86_64: Final = {
    "read": 0,
    "write": 1,
    "close": 3,
    "mmap": 9,
    "mprotect": 10,
    "munmap": 11,
    "brk": 12,
    "rt_sigaction": 13,
    "rt_sigprocmask": 14,
    "rt_sigreturn": 15,
    "sched_yield": 24,
    "mremap": 25,
    "madvise": 28,
    "setitimer": 38,
    "getpid": 39,
    "getcwd": 79,
    "exit": 60,
    "getrusage": 98,
    "sigaltstack": 131,
    "gettid": 186,
    "futex": 202,
    "clock_gettime": 228,
    "exit_group": 231,
    "tgkill": 234,
    "getrandom": 318,
}
_AARCH64: Final = {
    "getcwd": 17,
    "close": 57,
    "read": 63,
    "write": 64,
    "exit": 93,
    "exit_group": 94,
    "futex": 98,
    "setitimer": 103,
    "clock_gettime": 113,
    "sched_yield": 124,
    "tgkill": 131,
    "sigaltstack": 132,
    "rt_sigaction": 134,
    "rt_sigprocmask": 135,
    "rt_sigreturn": 139,
    "getrusage": 165,
    "getpid": 172,
    "gettid": 178,
    "brk": 214,
    "munmap": 215,
    "mremap": 216,
    "mmap": 222,
    "mprotect": 226,
    "madvise": 233,
    "getrandom": 278,
}
_ARCHITECTURES: Final = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}
"""The kernel's name of each architecture and its numbers; elsewhere there is no filter."""


def filter_calls() -> bool:
    """Everything else fails with EPERM from here on, in this process and for good; False where that is not offered."""
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES or sys.maxsize < 2**32:
        return False
    program = _program(*_ARCHITECTURES[platform.machine()])
    code = ctypes.create_string_buffer(program, len(program))
    argument = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code)))
    prctl = ctypes.CDLL(None).prctl
    if prctl(_NO_NEW_PRIVS, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        return False
    return bool(prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(argument)) == 0)


def _program(architecture: int, numbers: dict[str, int]) -> bytes:
    """Kill a foreign architecture; allow a signal to ourselves (abort) and the calls named above; refuse the rest."""
    plain = [number for name, number in numbers.items() if name != "tgkill"]
    lines = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_JUMP_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    lines += [(_LOAD, 0, 0, _NUMBER_AT)]
    for number in plain:
        lines += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    lines += [(_JUMP_EQUAL, 0, 3, numbers["tgkill"]), (_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
    lines += [(_JUMP_EQUAL, 0, 1, os.getpid()), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _DENY)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
