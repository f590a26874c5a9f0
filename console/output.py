"""Standard output and error that never fail a command, wherever they lead.

A command completes whether or not anybody reads its output: a reader that stops early (`| head`), a full disk or a
closed descriptor ends the output, but not the command, and does not change its exit status.
"""

import errno
import io
import os
import sys
from typing import Any

_STANDARD_DESCRIPTORS = (0, 1, 2)


class _LastingFile(io.FileIO):
    """Accepts every write; after the first one that the system refuses, further output is dropped."""

    def __init__(self, descriptor: int, what: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._what = what
        self._refused = False

    def write(self, data: Any, /) -> int:
        if not self._refused:
            try:
                return super().write(data) or 0
            except OSError as error:
                self._refused = True
                self._say(error)
        return memoryview(data).nbytes

    def _say(self, error: OSError) -> None:
        """Reports a failed write in one line, if there is somewhere to write it. A reader that left needs no report."""
        if error.errno != errno.EPIPE and self.fileno() != 2:
            print(f"{self._what} cannot be written ({error.strerror}): the rest is not shown", file=sys.stderr)


def make_lasting() -> None:
    """Makes `sys.stdout` and `sys.stderr` usable as long as the command runs; text outside the encoding is escaped.

    Call it before anything is printed or a file is opened.
    """
    for descriptor in _STANDARD_DESCRIPTORS:
        _open_if_closed(descriptor)
    sys.stderr = _lasting(2, "standard error", sys.stderr)
    sys.stdout = _lasting(1, "standard output", sys.stdout)


def _open_if_closed(descriptor: int) -> None:
    """A closed descriptor would be reused for the next opened file, and every child would inherit that file."""
    try:
        os.fstat(descriptor)
    except OSError:
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != descriptor:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
        os.set_inheritable(descriptor, True)


def _lasting(descriptor: int, what: str, before: object) -> io.TextIOWrapper:
    encoding = before.encoding if isinstance(before, io.TextIOWrapper) else None
    raw = _LastingFile(descriptor, what)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding or "utf-8",
        errors="backslashreplace",
        line_buffering=descriptor == 2 or raw.isatty(),
    )
