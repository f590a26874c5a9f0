"""Matches predicted boxes to true ones as COCO does at one IoU: greedily, the most confident prediction first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from blueprints.errors import BlueprintError
from blueprints.geometry import Box


class Prediction(Protocol):
    """A box with its confidence; `blueprints.answer.DetectedRoom` is one."""

    @property
    def box(self) -> Box: ...

    @property
    def confidence(self) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a prediction: `room` is the index of the true box that it found, None if it is wrong.

    `duplicate`: it is wrong, and on a room that a more confident prediction has found.
    """

    room: int | None
    duplicate: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`right` predictions found a room, `missed` rooms were not found, `wrong` predictions found none.

    `duplicates` are the wrong ones on a room that a more confident prediction has found.
    Counts of several plans can be added.
    """

    right: int = 0
    missed: int = 0
    wrong: int = 0
    duplicates: int = 0

    @classmethod
    def of(cls, found: Sequence[Outcome], rooms: int) -> Counts:
        """The counts for one plan's outcomes and number of rooms."""
        right = sum(outcome.room is not None for outcome in found)
        duplicates = sum(outcome.duplicate for outcome in found)
        return cls(right=right, missed=rooms - right, wrong=len(found) - right, duplicates=duplicates)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            right=self.right + other.right,
            missed=self.missed + other.missed,
            wrong=self.wrong + other.wrong,
            duplicates=self.duplicates + other.duplicates,
        )

    @property
    def precision(self) -> float | None:
        """The share of predictions that are right; None without predictions."""
        predictions = self.right + self.wrong
        return self.right / predictions if predictions else None

    @property
    def recall(self) -> float | None:
        """The share of rooms that were found; None without rooms."""
        rooms = self.right + self.missed
        return self.right / rooms if rooms else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None without predictions and rooms."""
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else None


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1; 0 where both are empty."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    intersection = width * height
    return intersection / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - intersection)


def outcomes(predicted: Sequence[Prediction], truth: Sequence[Box], iou_threshold: float = 0.5) -> list[Outcome]:
    """The outcome of each prediction of one plan, in the given order; all boxes in the same unit.

    In descending order of confidence (ties: in the given order), each prediction takes the free true box that it
    overlaps most, if the IoU is at least `iou_threshold` (more than 0, up to 1; else BlueprintError). It takes
    at most one box, and each true box is taken once. A less confident prediction does not affect more confident ones.
    """
    if not 0 < iou_threshold <= 1:
        raise BlueprintError(f"IoU {iou_threshold:g}: must be more than 0 and at most 1")
    taken: set[int] = set()
    found: dict[int, Outcome] = {}
    for place in sorted(range(len(predicted)), key=lambda place: predicted[place].confidence, reverse=True):
        overlaps = {
            index: overlap
            for index, box in enumerate(truth)
            if (overlap := iou(predicted[place].box, box)) >= iou_threshold
        }
        free = [index for index in overlaps if index not in taken]
        room = max(free, key=overlaps.__getitem__) if free else None
        if room is not None:
            taken.add(room)
        # Every true box that a wrong prediction overlaps enough is already taken.
        found[place] = Outcome(room=room, duplicate=room is None and bool(overlaps))
    return [found[place] for place in range(len(predicted))]


def match(predicted: Sequence[Prediction], truth: Sequence[Box], iou_threshold: float = 0.5) -> Counts:
    """Counts the `outcomes` of one plan's predictions, and the rooms that none of them found."""
    return Counts.of(outcomes(predicted, truth, iou_threshold), len(truth))
