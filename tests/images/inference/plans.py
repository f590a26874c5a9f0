"""Floor plans drawn for these tests, and what the detector should find in them."""

import io

import numpy as np
from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

register_heif_opener()  # Pillow writes no HEIC by itself

# The inner corners of PLAN's three rooms in thousandths of its width and height.
ROOMS = ([82, 110, 406, 890], [419, 110, 918, 492], [419, 508, 918, 890])


def draw_plan() -> Image.Image:
    """Returns an 800 x 600 px RGB plan: black walls around the three ROOMS, open doors in their gaps, on white.

    Without doors the gaps are those of an open plan, whose parts may as well be one room.
    """
    plan = Image.new("RGB", (800, 600), "white")
    pen = ImageDraw.Draw(plan)
    pen.rectangle((60, 60, 740, 540), outline="black", width=12)
    pen.line((330, 60, 330, 540), fill="black", width=10)
    pen.line((330, 300, 740, 300), fill="black", width=10)
    for x, y, (along_x, along_y) in ((330, 150, (0, 1)), (330, 380, (0, 1)), (500, 300, (1, 0))):
        pen.line((x, y, x + 60 * along_x, y + 60 * along_y), fill="white", width=12)
        pen.line((x, y, x + 60 * along_y, y + 60 * along_x), fill="black", width=2)
        pen.arc((x - 60, y - 60, x + 60, y + 60), 0, 90, fill="black")
    return plan


PLAN = draw_plan()


def encode(image: Image.Image, file_format: str, **options: object) -> bytes:
    """Returns `image` as a file of `file_format`, one of Pillow's names."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def overlap(box: list[int], other: list[int]) -> float:
    """Returns the IoU of two boxes x_min, y_min, x_max, y_max."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (area(box) + area(other) - shared)


def area(box: list[int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def are_rooms_of_the_plan(boxes: list[list[int]], rooms: tuple[list[int], ...] = ROOMS) -> bool:
    """Says whether `boxes` are `rooms`, each once, in any order, up to the detector's accuracy."""
    found = [[room for room in rooms if overlap(box, room) > 0.85] for box in boxes]
    return len(boxes) == len(rooms) and sorted(room for match in found for room in match) == sorted(rooms)


def grey_16_bit(image: Image.Image) -> Image.Image:
    """Returns `image` as 16-bit grey with white at 65535."""
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
