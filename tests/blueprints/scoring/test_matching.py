"""Predictions and true rooms are paired once each, the most confident prediction first."""

from dataclasses import dataclass

import pytest

from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.scoring.matching import Counts, iou, match


@dataclass(frozen=True)
class Predicted:
    box: Box
    confidence: float = 0.9


LEFT: Box = (0.0, 0.0, 0.4, 1.0)
RIGHT: Box = (0.6, 0.0, 1.0, 1.0)


def test_iou_is_the_shared_part_of_both_boxes() -> None:
    assert iou((0, 0, 2, 1), (1, 0, 3, 1)) == pytest.approx(1 / 3)
    assert iou(LEFT, LEFT) == 1
    assert iou(LEFT, RIGHT) == 0
    assert iou((0, 0, 1, 1), (1, 0, 2, 1)) == 0, "touching boxes share nothing"
    assert iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0


def test_rooms_found_missed_and_invented_are_counted_apart() -> None:
    counts = match([Predicted(LEFT), Predicted((0.45, 0, 0.55, 1))], [LEFT, RIGHT])
    assert counts == Counts(right=1, missed=1, wrong=1, duplicates=0)
    assert (counts.precision, counts.recall) == (0.5, 0.5)


def test_a_second_box_on_a_found_room_is_wrong_and_a_duplicate() -> None:
    counts = match([Predicted(LEFT, 0.9), Predicted((0.0, 0.0, 0.4, 0.9), 0.5)], [LEFT])
    assert counts == Counts(right=1, missed=0, wrong=1, duplicates=1)


def test_the_more_confident_prediction_takes_the_room_wherever_it_stands() -> None:
    exact, loose = Predicted(LEFT, 0.3), Predicted((0.0, 0.0, 0.4, 0.6), 0.8)
    # At 0.7 only the exact one is right, and the more confident loose one does not take its place.
    assert match([loose, exact], [LEFT], 0.7) == Counts(right=1, wrong=1)
    assert match([exact, loose], [LEFT], 0.5) == Counts(right=1, wrong=1, duplicates=1)


def test_a_prediction_takes_the_free_room_that_it_overlaps_most() -> None:
    wide, narrow = (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.7, 1.0)
    assert match([Predicted(wide, 0.9), Predicted(wide, 0.8)], [narrow, wide]) == Counts(right=2)


def test_ties_of_confidence_and_overlap_are_resolved_by_order() -> None:
    same = [Predicted(LEFT, 0.5), Predicted(LEFT, 0.5), Predicted(LEFT, 0.5)]
    assert match(same, [LEFT, LEFT]) == Counts(right=2, wrong=1, duplicates=1)


def test_a_box_exactly_at_the_threshold_is_right() -> None:
    assert match([Predicted((0.0, 0.0, 1.0, 0.5))], [(0.0, 0.0, 1.0, 1.0)], 0.5) == Counts(right=1)


def test_an_empty_plan_has_neither_precision_nor_recall() -> None:
    nothing = match([], [])
    assert nothing == Counts()
    assert nothing.precision is None
    assert nothing.recall is None


def test_nothing_predicted_misses_every_room() -> None:
    counts = match([], [LEFT, RIGHT])
    assert counts == Counts(missed=2)
    assert counts.precision is None
    assert counts.recall == 0


def test_every_prediction_on_a_plan_without_rooms_is_wrong() -> None:
    counts = match([Predicted(LEFT)], [])
    assert counts == Counts(wrong=1)
    assert counts.precision == 0
    assert counts.recall is None


def test_counts_of_plans_add_up() -> None:
    assert Counts(right=1, missed=2, wrong=3, duplicates=1) + Counts(right=4, wrong=1) == Counts(
        right=5, missed=2, wrong=4, duplicates=1
    )


@pytest.mark.parametrize("threshold", [0, -0.5, 1.01, float("nan")])
def test_a_threshold_that_is_not_an_overlap_is_refused(threshold: float) -> None:
    with pytest.raises(BlueprintError, match="must be more than 0 and at most 1"):
        match([], [], threshold)
