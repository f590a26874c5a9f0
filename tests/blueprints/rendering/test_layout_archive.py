"""Layouts come from a ZIP archive of indexed PNG files, in every position, and what is none of these is named."""

import io
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blueprints.errors import BlueprintError
from blueprints.rendering.layout import Kind
from blueprints.rendering.layout_archive import LayoutArchive

INDEXED = [0, 0, 0] * 256


def png(kinds: np.ndarray, mode: str = "P") -> bytes:
    image = Image.fromarray(kinds.astype(np.uint8))
    image.putpalette(INDEXED)
    encoded = io.BytesIO()
    image.convert(mode).save(encoded, "PNG")
    return encoded.getvalue()


def room(kind: int = Kind.BEDROOM) -> np.ndarray:
    kinds = np.full((40, 60), Kind.WALL)
    kinds[4:36, 4:56] = kind
    return kinds


def archive(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in files.items():
            made.writestr(f"layouts/{name}.png", content)
    return path


def test_every_layout_comes_in_all_positions(tmp_path: Path) -> None:
    kinds = room()
    kinds[4:12, 4:12] = Kind.STORAGE
    layouts = LayoutArchive(archive(tmp_path / "layouts.zip", one=png(kinds)))
    rng = random.Random(1)
    corners = set()
    for _ in range(60):
        drawn = layouts.draw(rng)
        box = next(room.box for room in drawn.rooms if room.kind is Kind.STORAGE)
        corners.add((drawn.width > drawn.height, box))
    assert len(corners) == 8


def test_layouts_are_drawn_at_random_from_the_whole_archive(tmp_path: Path) -> None:
    files = {f"{kind:d}": png(room(kind)) for kind in (Kind.BEDROOM, Kind.BATH, Kind.GARAGE)}
    layouts = LayoutArchive(archive(tmp_path / "layouts.zip", **files))
    rng = random.Random(1)
    assert {layouts.draw(rng).rooms[0].kind for _ in range(40)} == {Kind.BEDROOM, Kind.BATH, Kind.GARAGE}


def test_an_archive_can_be_read_in_another_process(tmp_path: Path) -> None:
    layouts = LayoutArchive(archive(tmp_path / "layouts.zip", one=png(room())))
    assert pickle.loads(pickle.dumps(layouts)).draw(random.Random(1)).rooms == layouts.draw(random.Random(1)).rooms


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"nothing", "one.png: cannot be read"),
        (png(room())[:60], "one.png: cannot be read"),
        (png(room(), "RGB"), "one.png: is RGB of 60 x 40 px: must be indexed"),
        (png(room(Kind.WALL)), "one.png: a layout shows no room"),
        (png(room(77)), "one.png: a layout has the index 77"),
    ],
)
def test_a_file_that_is_not_a_layout_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    layouts = LayoutArchive(archive(tmp_path / "layouts.zip", one=content))
    with pytest.raises(BlueprintError, match=message):
        layouts.draw(random.Random(1))


def test_a_file_that_is_not_an_archive_of_layouts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("nothing")
    with pytest.raises(BlueprintError, match="is not a ZIP archive"):
        LayoutArchive(tmp_path / "text.zip")
    with pytest.raises(BlueprintError, match=r"contains no \.png"):
        LayoutArchive(archive(tmp_path / "empty.zip"))
