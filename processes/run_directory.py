"""The directory of a local stack: unpacked archives, logs, the record of calls.

It is removed when the stack ends. A killed stack leaves its directory, and the next stack to start removes it. A
running stack holds a lock on its directory, so that stacks can run side by side.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = "lock"


@contextmanager
def run_directory() -> Iterator[Path]:
    """A new, empty, private directory; removed when the context ends."""
    base = Path(tempfile.gettempdir()) / f"room-detection-local-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.getuid():
        raise PermissionError(f"{base} belongs to another user: remove it, or set TMPDIR to a directory of your own")
    with (base / _LOCK).open("w") as base_lock:
        fcntl.flock(base_lock, fcntl.LOCK_EX)
        _remove_stale(base)
        directory = Path(tempfile.mkdtemp(prefix="run-", dir=base))
        lock = (directory / _LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        lock.close()


def _remove_stale(base: Path) -> None:
    for directory in base.glob("run-*"):
        with suppress(FileNotFoundError, BlockingIOError), (directory / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)
