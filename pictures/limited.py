"""Work in a process of its own, with a limit of memory and of time that it cannot overstep.

A library that decodes can only be stopped with its process. A fork costs a few milliseconds where a new Python costs a
hundred. What the child does is Pillow's work and plain Python's: nothing that another thread could have locked.
"""

import gc
import os
import resource
import select
import signal
import struct
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_LENGTH = struct.Struct("<q")
_PAGE_BYTES = resource.getpagesize()
_AT_ONCE_BYTES = 1 << 20
_RAN_OUT_OF_MEMORY = 3

# Between a pipe's making and its closing on this side, another thread's child would get this child's end as well, and
# its death would not be seen.
_forking = threading.Lock()


class OverTimeError(Exception):
    """The work was not done in its time."""


class OverMemoryError(Exception):
    """The work asked for more memory than its limit."""


class CrashedError(Exception):
    """The work's process ended without an answer."""


def run(work: Callable[[], bytes], *, seconds: float, memory_bytes: int) -> bytes:
    """What `work()` returns, from a process that ends with it.

    Args:
        memory_bytes: of address space, beyond what this process has.

    Raises:
        OverTimeError: after `seconds`.
        OverMemoryError: see `memory_bytes`.
        CrashedError: it raised, or was killed.
    """
    with _forking:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _be_the_child(work, writing, seconds, memory_bytes)
        os.close(writing)
    try:
        return _answer(reading, time.monotonic() + seconds)
    except EOFError:
        pass
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == _RAN_OUT_OF_MEMORY:
        raise OverMemoryError
    raise CrashedError


def _answer(reading: int, deadline: float) -> bytes:
    """What the child wrote. Raises EOFError where it ended before."""
    received = bytearray()
    waiting = select.poll()
    waiting.register(reading, select.POLLIN)
    while len(received) < _LENGTH.size or len(received) < _LENGTH.size + _LENGTH.unpack_from(received)[0]:
        if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise OverTimeError
        piece = os.read(reading, _AT_ONCE_BYTES)
        if not piece:
            raise EOFError
        received += piece
    return bytes(memoryview(received)[_LENGTH.size :])


def _be_the_child(work: Callable[[], bytes], writing: int, seconds: float, memory_bytes: int) -> None:
    """Never returns, and nothing of what this process would do at its end is done."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        gc.disable()  # it would touch, and so copy, the parent's objects
        warnings.simplefilter("ignore")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * _PAGE_BYTES + memory_bytes)
        _limit(resource.RLIMIT_CPU, int(seconds) + 1)  # also where the parent was killed
        _limit(resource.RLIMIT_CORE, 0)
        answer = work()
        for piece in (_LENGTH.pack(len(answer)), answer):
            left = memoryview(piece)
            while left:
                left = left[os.write(writing, left) :]
        status = 0
    except MemoryError:
        status = _RAN_OUT_OF_MEMORY
    finally:
        os._exit(status)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
