"""Layouts from a ZIP archive of indexed PNG files, whose indices are `blueprints.layout.Kind`."""

from __future__ import annotations

import io
import os
import random
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from blueprints.errors import BlueprintError
from blueprints.layout import LARGEST_SIDE_PX, Layout, layout


class LayoutArchive:
    """The archive's PNG files in the order of their names. BlueprintError where it is no archive or has none.

    An archive can be pickled, so that several processes read one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self.names = tuple(sorted(name for name in archive.namelist() if name.lower().endswith(".png")))
        except zipfile.BadZipFile as error:
            raise BlueprintError(f"{path}: is no ZIP archive: give one of indexed PNG layouts") from error
        if not self.names:
            raise BlueprintError(f"{path}: holds no .png: give a ZIP archive of indexed PNG layouts")

    def draw(self, rng: random.Random) -> Layout:
        """One of the layouts, turned by quarters or mirrored."""
        found = self.read(rng.randrange(len(self.names)))
        return found.turned(rng.randrange(4), mirrored=rng.random() < 0.5)

    def read(self, index: int) -> Layout:
        """The layout at an index, as `blueprints.layout.layout` judges it. BlueprintError names archive and file."""
        name = self.names[index]
        try:
            with Image.open(io.BytesIO(_opened(self.path, os.getpid()).read(name))) as image:
                if image.mode != "P" or max(image.size) > LARGEST_SIDE_PX:
                    raise BlueprintError(
                        f"is {image.mode} of {image.width} x {image.height} px:"
                        f" must be indexed (P), up to {LARGEST_SIDE_PX} px a side"
                    )
                return layout(np.asarray(image, dtype=np.uint8))
        except (UnidentifiedImageError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise BlueprintError(f"{self.path}: {name}: cannot be read: make the archive anew") from error
        except BlueprintError as error:
            raise BlueprintError(f"{self.path}: {name}: {error}") from error


@lru_cache(maxsize=4)
def _opened(path: Path, _process: int) -> zipfile.ZipFile:
    """The archive, opened once a process: listing it takes far longer than reading a file from it.

    A forked process must not go on with its parent's file, whose position both would move.
    """
    return zipfile.ZipFile(path)
