"""Connected components of masks: labels, boundaries as rings, and the distance of each pixel from the edge.

Uses numpy only, so that plans can be drawn wherever a network is trained.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from blueprints.rendering.polygons import Points, keyholed, signed_area

LEAST_HOLE = 0.02
"""A smaller hole, as a share of the area (a chimney, for example), is left out of the outline."""


def components(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], list[tuple[slice, slice]]]:
    """The components (pixels that touch by their sides), numbered from 1 by their first pixels, and their places."""
    height = mask.shape[0]
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    # Runs of neighbouring rows are connected if they overlap.
    firsts = np.searchsorted(rows, np.arange(height + 1)).tolist()
    begin, stop = starts.tolist(), ends.tolist()
    for y in range(1, height):
        i, j = firsts[y - 1], firsts[y]
        last_i, last_j = firsts[y], firsts[y + 1]
        while i < last_i and j < last_j:
            if begin[i] < stop[j] and begin[j] < stop[i]:
                a, b = root(i), root(j)
                if a != b:
                    parent[max(a, b)] = min(a, b)
            if stop[i] < stop[j]:
                i += 1
            else:
                j += 1
    numbers: dict[int, int] = {}
    labels = np.zeros(mask.shape, np.int32)
    extents: list[list[int]] = []
    for i, y in enumerate(rows.tolist()):
        top = root(i)
        number = numbers.setdefault(top, len(numbers) + 1)
        labels[y, begin[i] : stop[i]] = number
        if number > len(extents):
            extents.append([y, y + 1, begin[i], stop[i]])
        else:
            extent = extents[number - 1]
            extent[1] = y + 1
            extent[2] = min(extent[2], begin[i])
            extent[3] = max(extent[3], stop[i])
    return labels, [(slice(a, b), slice(c, d)) for a, b, c, d in extents]


def depths(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """For each pixel the Chebyshev distance to the nearest unset one; pixels at the border count as unset."""
    total = np.zeros(mask.shape, np.int32)
    left = np.array(mask)
    left[[0, -1]] = left[:, [0, -1]] = False
    while left.any():
        total += left
        wide = left.copy()
        wide[:, 1:-1] &= left[:, :-2] & left[:, 2:]
        left = wide.copy()
        left[1:-1] &= wide[:-2] & wide[2:]
    return total


def boundary(mask: NDArray[np.bool_]) -> Points:
    """The boundary of a component as one ring of corners, clockwise as seen; slits join large holes to it."""
    rings = _rings(mask)
    rings.sort(key=signed_area, reverse=True)
    outer = rings[0]
    area = signed_area(outer)
    return keyholed(outer, [ring for ring in rings[1:] if -signed_area(ring) > LEAST_HOLE * area])


def _rings(mask: NDArray[np.bool_]) -> list[Points]:
    """All boundaries of the mask; the mask is always on the right."""
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    following: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for outside, (ax, ay), (bx, by) in (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (0, 1)),
        (padded[1:-1, :-2], (0, 1), (0, 0)),
    ):
        ys, xs = np.nonzero(inner & ~outside)
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            following.setdefault((x + ax, y + ay), []).append((x + bx, y + by))
    rings: list[Points] = []
    while following:
        start = next(iter(following))
        ring = [start]
        at, heading = start, (0, 0)
        while True:
            choices = following[at]
            # Where two pixels touch only at a corner, the boundary turns right, back around its own pixel.
            right = (at[0] - heading[1], at[1] + heading[0])
            step = right if right in choices else choices[0]
            choices.remove(step)
            if not choices:
                del following[at]
            new = step[0] - at[0], step[1] - at[1]
            if new == heading:
                ring[-1] = step
            else:
                ring.append(step)
            at, heading = step, new
            if at == start:
                break
        if ring[-1] == ring[0]:
            ring.pop()
        rings.append(np.array(ring, np.float64))
    return rings
