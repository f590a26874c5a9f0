"""Layouts from a ZIP archive of indexed PNG files, whose indices are `blueprints.rendering.layout.Kind`."""

from __future__ import annotations

import io
import os
import random
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from blueprints.errors import BlueprintError
from blueprints.rendering.layout import LARGEST_SIDE_PX, Layout, layout


class LayoutArchive:
    """The archive's PNG files, ordered by name. BlueprintError if it is not a ZIP archive or has no PNG.

    Reading a file that is not an indexed PNG or not a layout raises BlueprintError with its name. An archive can be
    pickled, so that several processes can read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self.names = tuple(sorted(name for name in archive.namelist() if name.lower().endswith(".png")))
        except zipfile.BadZipFile as error:
            raise BlueprintError(f"{path}: is not a ZIP archive: give one of indexed PNG layouts") from error
        if not self.names:
            raise BlueprintError(f"{path}: contains no .png file: give a ZIP archive of indexed PNG layouts")

    def draw(self, rng: random.Random) -> Layout:
        """A random layout, rotated by quarter turns or mirrored."""
        index, quarters, mirrored = rng.randrange(len(self.names)), rng.randrange(4), rng.random() < 0.5
        name = self.names[index]
        kinds = self._kinds(name)
        kinds = np.rot90(kinds[:, ::-1] if mirrored else kinds, quarters)
        try:
            return layout(np.ascontiguousarray(kinds))
        except BlueprintError as error:
            raise BlueprintError(f"{self.path}: {name}: {error}") from error

    def _kinds(self, name: str) -> NDArray[np.uint8]:
        try:
            with Image.open(io.BytesIO(_opened(self.path, os.getpid()).read(name))) as image:
                if image.mode != "P" or max(image.size) > LARGEST_SIDE_PX:
                    raise BlueprintError(
                        f"{self.path}: {name}: is {image.mode} of {image.width} x {image.height} px:"
                        f" must be indexed (P), up to {LARGEST_SIDE_PX} px a side"
                    )
                return np.asarray(image, dtype=np.uint8)
        except (UnidentifiedImageError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise BlueprintError(f"{self.path}: {name}: cannot be read: create the archive again") from error


@lru_cache(maxsize=4)
def _opened(path: Path, _process: int) -> zipfile.ZipFile:
    """The archive, opened once per process: listing it takes far longer than reading a file from it.

    A forked process must not use its parent's open file: both would move its position.
    """
    return zipfile.ZipFile(path)
