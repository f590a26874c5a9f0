"""Standard output and error that a command can always write to, wherever they lead.

What a command does is done, whether or not anybody reads what it says: a reader that has seen enough (`| head`), a
full disk, a closed descriptor end the output and neither the command nor its success.
"""

import errno
import io
import os
import sys
from typing import Any

_STANDARD_DESCRIPTORS = (0, 1, 2)


class _LastingFile(io.FileIO):
    """Takes every write; from the first one on that the system refuses, what is written is dropped."""

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
        """A reader that has gone knows it; of everything else one line, where there is still a place for it."""
        if error.errno != errno.EPIPE and self.fileno() != 2:
            print(f"{self._what} cannot be written ({error.strerror}): the rest is not shown", file=sys.stderr)


def make_lasting() -> None:
    """Has `sys.stdout` and `sys.stderr` last as long as the command; text that does not fit an encoding is escaped.

    To be called before anything is printed or a file is opened.
    """
    for descriptor in _STANDARD_DESCRIPTORS:
        _open_if_closed(descriptor)
    sys.stderr = _lasting(2, "standard error", sys.stderr)
    sys.stdout = _lasting(1, "standard output", sys.stdout)


def _open_if_closed(descriptor: int) -> None:
    """A descriptor that is closed would be given to the next file that is opened, and that file to every child."""
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
