"""Draws the found rooms on a plan: a coloured box per room, with its id, confidence and name hint."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw

from blueprints.answer import DetectedRoom, parse_rooms
from blueprints.lettering import drawable, font

Colour = tuple[int, int, int]
PixelBox = tuple[int, int, int, int]
"""left, top, right, bottom; right and bottom are outside."""

FILL_OPACITY = 36
LABEL_OPACITY = 235
SMALLEST_TEXT_PX = 11
TEXT_SHARE = 0.0095
"""Size of the text as a share of the picture's longer side."""
LINE_SPACING = 1.2
MOST_HIDDEN = 0.4
"""A label that would hide more than this share of its room is shortened."""
LEGIBLE_SIDE_PX = 1600
NARROWEST_EM = 5
"""A label in a room narrower than this extends beyond it instead of wrapping into many lines."""

# Hues in steps of the golden section of the circle: close hues are far apart in the sequence.
GOLDEN_SECTION = 0.6180339887498949
LIGHTNESS = (0.36, 0.28, 0.42)


def draw_rooms(image: Image.Image, rooms: Sequence[Mapping[str, Any]]) -> Image.Image:
    """A copy of an upright plan with the API's rooms drawn on it: RGB, of the same size.

    A room that is too small for its full label gets only its id and confidence. Labels avoid each other if there is
    space, and never leave the picture; characters that the embedded font lacks become "?". A room that is not in the
    API's format raises BlueprintError.
    """
    found = parse_rooms(rooms)
    boxes = [_pixel_box(room, image.size) for room in found]
    # Larger rooms first, so that the outline of a small one inside them stays visible.
    order = sorted(range(len(found)), key=lambda index: -_common(boxes[index], boxes[index]))
    pen = max(2, round(max(image.size) / 500))
    picture = image.convert("RGBA")
    for index in order:
        left, top, right, bottom = boxes[index]
        tint = Image.new("RGBA", (right - left, bottom - top), (*colour(index), FILL_OPACITY))
        picture.alpha_composite(tint, (left, top))
    draw = ImageDraw.Draw(picture)
    for index in order:
        left, top, right, bottom = boxes[index]
        draw.rectangle((left, top, right - 1, bottom - 1), outline=(*colour(index), 255), width=pen)
    placed: list[PixelBox] = []
    # The smallest rooms have the fewest places for their labels, so they come first.
    for index in reversed(order):
        left, top, right, bottom = boxes[index]
        inside = right - left - 2 * pen, bottom - top - 2 * pen
        label = _label(found[index], colour(index), inside, image.size)
        corner = _place(label.size, boxes[index], image.size, placed, pen)
        picture.alpha_composite(label, corner)
        placed.append((*corner, corner[0] + label.width, corner[1] + label.height))
    return picture.convert("RGB")


def enlarged(image: Image.Image) -> Image.Image:
    """The plan, enlarged to a longer side of 1,600 px if it is smaller, so that labels are small compared to rooms."""
    factor = LEGIBLE_SIDE_PX / max(image.size)
    if factor <= 1:
        return image
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def colour(index: int) -> Colour:
    """The colour of the room at an index: dark or strong, and different from those before it."""
    hue = index * GOLDEN_SECTION % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, LIGHTNESS[index % len(LIGHTNESS)], 0.85)
    return round(red * 255), round(green * 255), round(blue * 255)


def text_colour(background: Colour) -> Colour:
    """White or black, whichever has more contrast (WCAG 2.1) on a background."""
    return (
        (255, 255, 255)
        if 1.05 / (_luminance(background) + 0.05) >= (_luminance(background) + 0.05) / 0.05
        else (0, 0, 0)
    )


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _pixel_box(room: DetectedRoom, size: tuple[int, int]) -> PixelBox:
    """The room's box in whole pixels of the picture, one pixel or more each way."""
    width, height = size
    left, top = min(width - 1, round(room.box[0] * width)), min(height - 1, round(room.box[1] * height))
    return left, top, max(left + 1, round(room.box[2] * width)), max(top + 1, round(room.box[3] * height))


def _label(room: DetectedRoom, background: Colour, inside: tuple[int, int], limit: tuple[int, int]) -> Image.Image:
    """The room's label: the full one if the room stays visible, else the short one.

    A short one is shrunk until it fits the picture, and cut if that is not enough.
    """
    short = drawable(f"{room.id} {room.confidence:.2f}")
    size = max(SMALLEST_TEXT_PX, round(max(limit) * TEXT_SHARE))
    lines, extent = _layout([short, drawable(room.name_hint)], inside[0], size)
    if extent[0] > inside[0] or extent[1] > inside[1] or extent[0] * extent[1] > MOST_HIDDEN * inside[0] * inside[1]:
        lines, extent = _layout([short], inside[0], size)
    while size > 1 and (extent[0] > limit[0] or extent[1] > limit[1]):
        size -= 1
        lines, extent = _layout([short], inside[0], size)
    label = Image.new("RGBA", (min(extent[0], limit[0]), min(extent[1], limit[1])), (*background, LABEL_OPACITY))
    draw = ImageDraw.Draw(label)
    for number, line in enumerate(lines):
        top = _padding(size) + round(number * size * LINE_SPACING)
        draw.text((_padding(size), top), line, fill=(*text_colour(background), 255), font=font(size))
    return label


def _layout(texts: Sequence[str], width: int, size: int) -> tuple[list[str], tuple[int, int]]:
    """The lines of a label for a width, and its own width and height."""
    lines = [
        line for text in texts for line in _wrapped(text, max(width, size * NARROWEST_EM) - 2 * _padding(size), size)
    ]
    longest = max(round(font(size).getlength(line)) for line in lines)
    return lines, (longest + 2 * _padding(size), round(len(lines) * size * LINE_SPACING) + 2 * _padding(size))


def _padding(size: int) -> int:
    return max(1, size // 4)


def _wrapped(text: str, width: int, size: int) -> list[str]:
    """Lines no wider than `width` pixels, unless a single word is."""
    lines: list[str] = []
    for word in text.split():
        if lines and font(size).getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _place(
    size: tuple[int, int], room: PixelBox, limit: tuple[int, int], placed: Sequence[PixelBox], pen: int
) -> tuple[int, int]:
    """The corner of the room where a label overlaps other labels least and then extends least beyond its room."""

    def cost(corner: tuple[int, int]) -> tuple[int, int]:
        label = *corner, corner[0] + size[0], corner[1] + size[1]
        return sum(_common(label, other) for other in placed), -_common(label, room)

    # min() returns the first of equals, so the corners are in order of preference.
    return min(_corners(size, room, limit, pen), key=cost)


def _common(a: PixelBox, b: PixelBox) -> int:
    """The area that two boxes share, in pixels."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def _corners(size: tuple[int, int], room: PixelBox, limit: tuple[int, int], pen: int) -> Iterator[tuple[int, int]]:
    """Places inside the room at its corners and centre, then around it; all within the picture."""
    left, top, right, bottom = room
    width, height = size
    for x, y in (
        (left + pen, top + pen),
        (right - pen - width, top + pen),
        (left + pen, bottom - pen - height),
        (right - pen - width, bottom - pen - height),
        ((left + right - width) // 2, (top + bottom - height) // 2),
        (left, top - height),
        (left, bottom),
        (right, top),
        (left - width, top),
        (right, bottom - height),
        (left - width, bottom - height),
    ):
        yield max(0, min(x, limit[0] - width)), max(0, min(y, limit[1] - height))
