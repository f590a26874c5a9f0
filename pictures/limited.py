"""Runs work in a separate process, with hard limits of memory and time.

A decoding library can only be stopped by ending its process. A fork takes a few milliseconds, a new Python a hundred.
The child runs only Pillow and plain Python: nothing that another thread could have locked.
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

# If another thread forked between creating this pipe and closing its write end here, its child would hold that end
# too, and the death of this child would not be noticed.
_forking = threading.Lock()


class OverTimeError(Exception):
    """The work took longer than its limit."""


class OverMemoryError(Exception):
    """The work needed more memory than its limit."""


class CrashedError(Exception):
    """The process ended without an answer."""


def run(work: Callable[[], bytes], *, seconds: float, memory_bytes: int) -> bytes:
    """The result of `work()`, run in a process of its own.

    Args:
        memory_bytes: limit of address space, beyond what this process has.

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
    """What the child wrote. Raises EOFError if it ended before."""
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
    """Never returns, and skips everything that this process would do at exit."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        gc.disable()  # it would touch the parent's objects and so copy their memory
        warnings.simplefilter("ignore")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _limit(resource.RLIMIT_AS, pages * _PAGE_BYTES + memory_bytes)
        _limit(resource.RLIMIT_CPU, int(seconds) + 1)  # also if the parent was killed
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
