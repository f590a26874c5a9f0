"""Atomic file operations: a file is complete or missing, whenever the process ends."""

import os
import shutil
from pathlib import Path

_UNFINISHED = ".unfinished"


def write(path: Path, content: bytes) -> None:
    """Writes a file by renaming a complete one; an earlier one stays until then. OSError names the file."""
    unfinished = _unfinished(path)
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error


def copy(source: Path, target: Path) -> None:
    """Copies a file atomically, like `write`, also to another disk."""
    write(target, source.read_bytes())


def empty_folder(path: Path) -> Path:
    """Creates an empty folder, removing what an earlier start left in it, and returns it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def remove_unfinished(folder: Path) -> None:
    """Removes unfinished files of a killed process."""
    for path in folder.glob(f".*{_UNFINISHED}"):
        path.unlink()


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}{_UNFINISHED}")
