"""Folders that appear whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprints.errors import BlueprintError


def refuse_existing(out: Path) -> None:
    """BlueprintError unless a folder is new or empty."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise BlueprintError(f"{out}: already exists: give a new or an empty folder")


@contextmanager
def new_folder(directory: Path) -> Iterator[Path]:
    """A folder to write to. It gets its final name when everything is written; on failure, nothing is left.

    BlueprintError if `directory` is neither new nor empty, and if writing fails.
    """
    refuse_existing(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}-") as beside:
            whole = Path(beside) / "whole"
            whole.mkdir()
            yield whole
            whole.rename(directory)
    except OSError as error:
        raise BlueprintError(
            f"{directory}: nothing was written: {error.filename or 'a file'}: {error.strerror}"
        ) from error
