"""Small floor plans for training: rectangles of rooms, each drawing unlike the others."""

import random
from pathlib import Path

from PIL import Image, ImageDraw

from blueprints.geometry import Box
from tests.images.training.labelled_plans import add_plan

WALL_PX = 5
PixelBox = tuple[int, int, int, int]


def write_channels(folder: Path, training: int = 6, validation: int = 2) -> Path:
    """Writes `training` and `validation` below the folder, which is given back."""
    chance = random.Random(0)
    for channel, count in (("training", training), ("validation", validation)):
        for number in range(count):
            image, rooms = draw(chance)
            add_plan(folder / channel, f"{channel}_{number}", image=image, rooms=rooms)
    return folder


def draw(chance: random.Random) -> tuple[Image.Image, list[Box]]:
    """A plan of up to eight rooms and their boxes, tight to the inner walls, as fractions."""
    width, height = chance.choice([(320, 240), (240, 320), (300, 300)])
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    outside = (20 + chance.randint(0, 30), 20, width - 20, height - 20 - chance.randint(0, 30))
    rooms = _split(outside, 3, chance)
    for room in rooms:
        pen.rectangle(room, outline="black", width=WALL_PX)
    inside = [(x0 + WALL_PX, y0 + WALL_PX, x1 - WALL_PX + 1, y1 - WALL_PX + 1) for x0, y0, x1, y1 in rooms]
    return image, [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in inside]


def _split(box: PixelBox, times: int, chance: random.Random) -> list[PixelBox]:
    x0, y0, x1, y1 = box
    if times == 0 or min(x1 - x0, y1 - y0) < 60:
        return [box]
    if x1 - x0 > y1 - y0:
        wall = chance.randint(x0 + (x1 - x0) // 3, x1 - (x1 - x0) // 3)
        halves = (x0, y0, wall, y1), (wall, y0, x1, y1)
    else:
        wall = chance.randint(y0 + (y1 - y0) // 3, y1 - (y1 - y0) // 3)
        halves = (x0, y0, x1, wall), (x0, wall, x1, y1)
    return [room for half in halves for room in _split(half, times - 1, chance)]
