"""The parts of SVG 1.1 that a floor plan's polygons need: number lists, points and transforms."""

from __future__ import annotations

import math
import re

from blueprints.geometry import Point

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f as SVG orders them: x' = a x + c y + e, y' = b x + d y + f."""

IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)

ONE_TRANSFORM = re.compile(r"(\w+)\s*\(([^()]*)\)")


def numbers(text: str) -> list[float]:
    """The numbers of a list separated by commas or blanks; ValueError for anything else."""
    return [float(number) for number in re.split(r"[\s,]+", text) if number]


def points(text: str) -> list[Point]:
    """The corners in a polygon's `points`; ValueError if they are not pairs of numbers."""
    values = numbers(text)
    if len(values) % 2:
        raise ValueError(f"points of {len(values)} numbers: must be pairs")
    return list(zip(values[::2], values[1::2], strict=True))


def transform(text: str) -> Matrix:
    """The matrix of a `transform` attribute with one or more transforms; ValueError if it is not valid SVG."""
    if ONE_TRANSFORM.sub("", text).strip(" ,\t\r\n"):
        raise ValueError(f"transform {text!r}: must be a list such as translate(10,20) rotate(90)")
    matrix = IDENTITY
    for name, arguments in ONE_TRANSFORM.findall(text):
        matrix = product(matrix, _one_transform(name, numbers(arguments)))
    return matrix


def product(outer: Matrix, inner: Matrix) -> Matrix:
    """The matrix that applies `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f


def moved(point: Point, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


def _one_transform(name: str, values: list[float]) -> Matrix:
    match name, values:
        case "matrix", [a, b, c, d, e, f]:
            return a, b, c, d, e, f
        case "translate", [x]:
            return 1, 0, 0, 1, x, 0
        case "translate", [x, y]:
            return 1, 0, 0, 1, x, y
        case "scale", [factor]:
            return factor, 0, 0, factor, 0, 0
        case "scale", [x, y]:
            return x, 0, 0, y, 0, 0
        case "rotate", [degrees]:
            cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            return cosine, sine, -sine, cosine, 0, 0
        case "rotate", [degrees, x, y]:
            there, turn, back = (1, 0, 0, 1, x, y), _one_transform("rotate", [degrees]), (1, 0, 0, 1, -x, -y)
            return product(product(there, turn), back)
        case "skewX", [degrees]:
            return 1, 0, math.tan(math.radians(degrees)), 1, 0, 0
        case "skewY", [degrees]:
            return 1, math.tan(math.radians(degrees)), 0, 1, 0, 0
    raise ValueError(f"transform {name} of {len(values)} numbers: SVG 1.1 has no such transform")
