"""The lock-down: what a child takes from itself, for good, before it sees its first script."""

import ctypes
import gc
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from app.adapters.system.jsonnet.limits import MEMORY_BYTES, STACK_BYTES, TRACE_BYTES
from app.adapters.system.jsonnet.seccomp import filter_calls

_PARENT_DEATH_SIGNAL, _DUMPABLE = 1, 4  # prctl(2)
_NICENESS: Final = 5
"""The broker goes first when both want the processor."""


def lock_down() -> list[str]:
    """Takes away memory beyond the limit, new descriptors, large files, processes, privileges and system calls.

    Returns the names of the locks that hold; what a platform does not offer is not among them. Everything that this
    process needs must have been imported and read.
    """
    os.environ.clear()  # noqa: TID251 - nothing is read from it: nothing is left in it
    os.nice(_NICENESS)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    gc.collect()
    held = _die_with_parent() + _limit_resources()
    return [*held, "calls"] if filter_calls() else held


def _die_with_parent() -> list[str]:
    """Where it is not offered, the end of the pipe and the timer end the child all the same."""
    if sys.platform != "linux":
        return []
    prctl = ctypes.CDLL(None).prctl
    prctl(_DUMPABLE, ctypes.c_ulong(0))
    return ["parent"] if prctl(_PARENT_DEATH_SIGNAL, ctypes.c_ulong(signal.SIGKILL)) == 0 else []


def _limit_resources() -> list[str]:
    """The trace is a file in memory, so files may grow to the trace's limit; none can be opened."""
    wanted = {
        "memory": (resource.RLIMIT_AS, _address_space_bytes() + MEMORY_BYTES),
        "stack": (resource.RLIMIT_STACK, STACK_BYTES),
        "core": (resource.RLIMIT_CORE, 0),
        "trace": (resource.RLIMIT_FSIZE, TRACE_BYTES),
        "processes": (resource.RLIMIT_NPROC, 0),
        "descriptors": (resource.RLIMIT_NOFILE, 0),
    }
    return [name for name, (kind, amount) in wanted.items() if _limit(kind, amount)]


def _limit(kind: int, amount: int) -> bool:
    hard = resource.getrlimit(kind)[1]
    amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    try:
        resource.setrlimit(kind, (amount, amount))
    except (OSError, ValueError):  # not on this platform
        return False
    return True


def _address_space_bytes() -> int:
    """What this process has mapped; where the system does not say, a generous guess at an interpreter."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return MEMORY_BYTES
    return pages * resource.getpagesize()
