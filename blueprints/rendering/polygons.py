"""Plane polygons as arrays of (points, 2), x to the right and y down: area, clipping, notches, holes, thinning."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(points, 2), x and y; a closed polygon does not repeat its first point."""

SAME_PLACE = 1e-6
"""Points closer than this are one."""

Notch = tuple[float, float] | None
"""Width and depth of the notch in a corner of a rectangle; None for a whole corner."""


def points(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, np.float64)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array(((left, top), (right, top), (right, bottom), (left, bottom)), np.float64)


def signed_area(polygon: Points) -> float:
    """Positive for a polygon that runs clockwise as seen (y points down)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def clockwise(polygon: Points) -> Points:
    return polygon if signed_area(polygon) >= 0 else polygon[::-1]


def clipped_by_line(polygon: Points, at: tuple[float, float], normal: tuple[float, float]) -> Points:
    """The part on the side of the line through `at` that `normal` points away from; may be empty."""
    if len(polygon) == 0:
        return polygon
    depth = (polygon[:, 0] - at[0]) * normal[0] + (polygon[:, 1] - at[1]) * normal[1]
    inside = depth <= 1e-9
    if inside.all():
        return polygon
    if not inside.any():
        return polygon[:0]
    kept: list[Points] = []
    count = len(polygon)
    for i in range(count):
        j = (i + 1) % count
        if inside[i]:
            kept.append(polygon[i])
        if inside[i] != inside[j]:
            share = depth[i] / (depth[i] - depth[j])
            kept.append(polygon[i] + share * (polygon[j] - polygon[i]))
    return np.array(kept)


def clipped(polygon: Points, box: tuple[float, float, float, float]) -> Points:
    """The part within the box. If the box cuts a polygon in two, the parts stay joined along its side."""
    left, top, right, bottom = box
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if low[0] >= left and low[1] >= top and high[0] <= right and high[1] <= bottom:
        return polygon
    for at, normal in (
        ((left, 0.0), (-1.0, 0.0)),
        ((right, 0.0), (1.0, 0.0)),
        ((0.0, top), (0.0, -1.0)),
        ((0.0, bottom), (0.0, 1.0)),
    ):
        polygon = clipped_by_line(polygon, at, normal)
    # Avoids rounding errors: a cut ends exactly at the side.
    return np.clip(polygon, (left, top), (right, bottom))


def clipped_apart(polygon: Points, box: tuple[float, float, float, float]) -> list[Points]:
    """The parts within the box: none, one, or several if the sides of the box cut the polygon apart."""
    left, top, right, bottom = box
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if low[0] >= left and low[1] >= top and high[0] <= right and high[1] <= bottom:
        return [polygon]
    parts = [polygon]
    for at, normal in (
        ((left, 0.0), (-1.0, 0.0)),
        ((right, 0.0), (1.0, 0.0)),
        ((0.0, top), (0.0, -1.0)),
        ((0.0, bottom), (0.0, 1.0)),
    ):
        parts = [piece for part in parts for piece in _cut_apart(part, at, normal)]
    # Avoids rounding errors: a cut ends exactly at the side.
    return [np.clip(part, (left, top), (right, bottom)) for part in parts]


def _cut_apart(polygon: Points, at: tuple[float, float], normal: tuple[float, float]) -> list[Points]:
    """The separate parts on the side of the line through `at` that `normal` points away from."""
    inside = (polygon - at) @ np.array(normal) <= 1e-9
    if inside.all():
        return [polygon]
    if not inside.any():
        return []
    chains = _chains(polygon, inside, at, normal)
    along = np.array((-normal[1], normal[0]))
    ends = [
        (float((chain[end] - at) @ along), end == 0, number) for number, chain in enumerate(chains) for end in (0, -1)
    ]
    joins = _joins(sorted(ends))
    if joins is None:
        return [np.concatenate(chains)]
    parts = []
    while joins:
        start, following = joins.popitem()
        path = [chains[start]]
        while following != start:
            path.append(chains[following])
            following = joins.pop(following)
        parts.append(np.concatenate(path))
    return parts


def _chains(
    polygon: Points, inside: NDArray[np.bool_], at: tuple[float, float], normal: tuple[float, float]
) -> list[Points]:
    """The stretches of a ring that are inside, each from where it crosses the line to where it crosses it again."""
    first = int(np.flatnonzero(inside & ~np.roll(inside, 1))[0])
    ring, inside = np.roll(polygon, -first, axis=0), np.roll(inside, -first)
    chains: list[list[Points]] = []
    for i, point in enumerate(ring):
        before, was_inside = ring[i - 1], inside[i - 1]
        if inside[i] != was_inside:
            crossing = _crossing(before, point, at, normal)
            chains.append([crossing]) if inside[i] else chains[-1].append(crossing)
        if inside[i]:
            chains[-1].append(point)
    return [np.array(chain) for chain in chains]


def _crossing(a: Points, b: Points, at: tuple[float, float], normal: tuple[float, float]) -> Points:
    start, end = (a - at) @ np.array(normal), (b - at) @ np.array(normal)
    return a + start / (start - end) * (b - a)


def _joins(ends: list[tuple[float, bool, int]]) -> dict[int, int] | None:
    """For each chain the one that continues it along the line, from their sorted ends: place, enters, chain.

    The line is within the polygon between an end that leaves and the next, which enters. None if the ends do not
    alternate: the polygon crosses itself.
    """
    ordered: list[tuple[float, bool, int]] = []
    while ends:
        at = 0
        if ordered and ends[0][1] == ordered[-1][1]:
            # Ends at one place, as of a slit, come in either order.
            near = [i for i, end in enumerate(ends) if end[0] - ends[0][0] < SAME_PLACE and end[1] != ends[0][1]]
            if not near:
                return None
            at = near[0]
        ordered.append(ends.pop(at))
    pairs = (sorted(pair, key=lambda end: end[1]) for pair in zip(ordered[::2], ordered[1::2], strict=True))
    return {leaving[2]: entering[2] for leaving, entering in pairs}


def notched(width: float, depth: float, notches: Sequence[Notch]) -> Points:
    """The rectangle (0, 0, width, depth) without `notches` at top left, top right, bottom right and bottom left."""
    top_left, top_right, bottom_right, bottom_left = notches
    corners: list[tuple[float, float]] = []
    if top_left:
        corners += [(0, top_left[1]), (top_left[0], top_left[1]), (top_left[0], 0)]
    else:
        corners += [(0, 0)]
    if top_right:
        corners += [(width - top_right[0], 0), (width - top_right[0], top_right[1]), (width, top_right[1])]
    else:
        corners += [(width, 0)]
    if bottom_right:
        w, h = bottom_right
        corners += [(width, depth - h), (width - w, depth - h), (width - w, depth)]
    else:
        corners += [(width, depth)]
    if bottom_left:
        w, h = bottom_left
        corners += [(w, depth), (w, depth - h), (0, depth - h)]
    else:
        corners += [(0, depth)]
    return np.array(corners, np.float64)


def keyholed(outer: Points, holes: Sequence[Points]) -> Points:
    """One ring around `outer` that leaves out the holes, each joined by a slit of zero width."""
    ring = clockwise(outer)
    for hole in holes:
        inner = clockwise(hole)[::-1]
        gaps = np.hypot(*(ring[:, None] - inner[None]).transpose(2, 0, 1))
        i, j = np.unravel_index(int(gaps.argmin()), gaps.shape)
        ring = np.concatenate((ring[: i + 1], inner[j:], inner[: j + 1], ring[i:]))
    return ring


def inside(polygon: Points, x: float, y: float) -> bool:
    a, b = polygon, np.roll(polygon, -1, axis=0)
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    a, b = a[crosses], b[crosses]
    at = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
    return bool(np.count_nonzero(at > x) % 2)


def grown(polygon: Points, by: float) -> Points:
    """A clockwise polygon with its sides moved outwards, corners mitred (by at most three times `by`)."""
    before, after = np.roll(polygon, 1, axis=0), np.roll(polygon, -1, axis=0)
    n1, n2 = _normals(before, polygon), _normals(polygon, after)
    middle = n1 + n2
    scale = 2 / np.maximum((middle**2).sum(axis=1), 0.45)
    return polygon + by * middle * scale[:, None]


def _normals(a: Points, b: Points) -> Points:
    side = b - a
    length = np.maximum(np.hypot(side[:, 0], side[:, 1]), 1e-9)
    return np.stack((side[:, 1], -side[:, 0]), axis=1) / length[:, None]


def thinned(polygon: Points, tolerance: float) -> Points:
    """The polygon without points closer than `tolerance` to a straight side (Douglas-Peucker)."""
    if len(polygon) <= 4:
        return polygon
    far = int(((polygon - polygon[0]) ** 2).sum(axis=1).argmax())
    ring = np.concatenate((polygon, polygon[:1]))
    keep = np.zeros(len(ring), bool)
    keep[[0, far, -1]] = True
    spans = [(0, far), (far, len(ring) - 1)]
    while spans:
        start, end = spans.pop()
        if end - start < 2:
            continue
        a, b = ring[start], ring[end]
        between = ring[start + 1 : end]
        length = math.hypot(*(b - a))
        if length < 1e-9:
            away = np.hypot(*(between - a).T)
        else:
            away = np.abs((b[0] - a[0]) * (between[:, 1] - a[1]) - (b[1] - a[1]) * (between[:, 0] - a[0])) / length
        most = int(away.argmax())
        if away[most] > tolerance:
            at = start + 1 + most
            keep[at] = True
            spans += [(start, at), (at, end)]
    return ring[:-1][keep[:-1]]


def extent(polygon: Points) -> tuple[float, float, float, float]:
    left, top = polygon.min(axis=0)
    right, bottom = polygon.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
