"""YOLO folders with plans that the tests draw."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from blueprints.geometry import Box
from tests.images.inference.plans import PLAN, ROOMS

TRUE_BOXES: tuple[Box, ...] = tuple((x0 / 1000, y0 / 1000, x1 / 1000, y1 / 1000) for x0, y0, x1, y1 in ROOMS)


def add_plan(
    data: Path, name: str, *, image: Image.Image = PLAN, rooms: Sequence[Box] = TRUE_BOXES, folder: str = ""
) -> Path:
    """Adds a plan to a YOLO folder, by default the one with three rooms, and returns its image file."""
    path = data / "images" / folder / f"{name}.png"
    labels = data / "labels" / folder / f"{name}.txt"
    for file in (path, labels):
        file.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    lines = [f"0 {(x0 + x1) / 2:.6f} {(y0 + y1) / 2:.6f} {x1 - x0:.6f} {y1 - y0:.6f}\n" for x0, y0, x1, y1 in rooms]
    labels.write_text("".join(lines))
    return path
