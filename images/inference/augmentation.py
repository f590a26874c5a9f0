"""Test-time augmentation: the forward pass over a plan and its mirror images, averaged before suppression.

A mirrored plan is still a plan, but the network gives it slightly different confidences and edges. Sides are multiples
of every stride, so a mirrored plan's anchors lie on the same grid, and the outputs can be averaged anchor by anchor.
"""

from collections.abc import Sequence

import numpy as np

from images.inference.network import Network
from images.inference.settings import Views

_STRIDES_PX = (8, 16, 32)
_VERTICAL, _HORIZONTAL = 1, 2  # the axes of [1, height, width, 3] and of a level's [channels, rows, columns]
# Number of views -> the axes along which each is mirrored.
_MIRRORED: dict[Views, Sequence[tuple[int, ...]]] = {
    1: [()],
    2: [(), (_VERTICAL,)],
    4: [(), (_VERTICAL,), (_HORIZONTAL,), (_VERTICAL, _HORIZONTAL)],
}
_LEAST_CONFIDENCE = 1e-9  # lower limit of a weight, in case every view says 0


def averaged(network: Network, views: Views) -> Network:
    """Returns a forward pass that averages `views` forward passes of `network`, one after the other.

    Confidences are averaged, boxes weighted by their confidences.
    """
    if views == 1:
        return network

    def run(pixels: np.ndarray) -> np.ndarray:
        outputs = np.stack(
            [
                _mirrored_back(network(np.ascontiguousarray(np.flip(pixels, axes))), pixels, axes)
                for axes in _MIRRORED[views]
            ]
        )
        weights = outputs[:, 4:] + np.float32(_LEAST_CONFIDENCE)
        boxes = (outputs[:, :4] * weights).sum(axis=0) / weights.sum(axis=0)
        return np.concatenate([boxes, outputs[:, 4:].mean(axis=0)])[None]

    return run


def _mirrored_back(output: np.ndarray, pixels: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """The output [1, 5, anchors] for `pixels` mirrored along `axes`, mapped back to the plan as [5, anchors]."""
    sides_px = pixels.shape[_VERTICAL], pixels.shape[_HORIZONTAL]
    grids = [(sides_px[0] // stride, sides_px[1] // stride) for stride in _STRIDES_PX]
    levels = np.split(output[0], np.cumsum([rows * columns for rows, columns in grids])[:-1], axis=1)
    planes = (level.reshape(len(level), *grid) for level, grid in zip(levels, grids, strict=True))
    there = np.concatenate([np.flip(plane, axes).reshape(len(plane), -1) for plane in planes], axis=1)
    for axis in axes:
        center = 2 - axis  # x_center is the first channel, y_center the second
        there[center] = sides_px[axis - 1] - there[center]
    return there
