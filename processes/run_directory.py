"""The directory that one local stack keeps its files in: unpacked archives, logs, the record of calls.

It is removed when the stack ends. A stack that was killed leaves its directory: the next one to start removes it. Who
holds the lock of a directory is alive, so that stacks side by side leave each other alone.
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
    """A new, empty, private directory; gone when the context ends."""
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
