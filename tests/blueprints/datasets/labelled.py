"""Small labelled plans for the tests of the data tools: no two numbers give drawings that look alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

ONE_ROOM = "0 0.5 0.5 0.25 0.5\n"


def picture(number: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Dark rectangles on white, other ones for every number."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in np.random.default_rng(number).random((8, 4)):
        left, right = sorted((x0 * size[0], x1 * size[0]))
        top, bottom = sorted((y0 * size[1], y1 * size[1]))
        draw.rectangle((left, top, right, bottom), outline="black", width=3)
    return image


def add(folder: Path, split: str, name: str, number: int, labels: str = ONE_ROOM) -> Path:
    """A plan of a folder, `split` being "" where it has none; its image."""
    image, label = folder / "images" / split / name, (folder / "labels" / split / name).with_suffix(".txt")
    for path in (image, label):
        path.parent.mkdir(parents=True, exist_ok=True)
    picture(number).save(image)
    label.write_text(labels)
    return image
