"""A confidence's worth: what its threshold lets through, and how often it comes true."""

import pytest

from blueprints.scoring.confidence import rank, reliability, threshold_curve
from blueprints.scoring.detection_metrics import measure
from blueprints.scoring.matching import Counts
from tests.blueprints.scoring.scored_plans import LEFT, RIGHT, Predicted, plan

NOWHERE = (0.45, 0.0, 0.55, 0.2)


def test_predictions_of_all_plans_are_ranked_together():
    ranked = rank(
        [plan([LEFT], [Predicted(NOWHERE, 0.3), Predicted(LEFT, 0.7)]), plan([RIGHT], [Predicted(RIGHT, 0.5)])]
    )
    assert ranked.confidences.tolist() == [0.7, 0.5, 0.3]
    assert ranked.right.tolist() == [True, True, False]
    assert ranked.rooms == 2
    precision, recall = ranked.precision_recall()
    assert precision.tolist() == pytest.approx([1, 1, 2 / 3])
    assert recall.tolist() == [0.5, 1, 1]


def test_the_curve_has_at_each_threshold_what_is_measured_there():
    plans = [
        plan([LEFT, RIGHT], [Predicted(LEFT, 0.9), Predicted((0, 0, 0.4, 0.9), 0.6), Predicted(RIGHT, 0.3)]),
        plan([LEFT], [Predicted(NOWHERE, 0.5), Predicted(LEFT, 0.2)]),
    ]
    curve = threshold_curve(rank(plans))
    for threshold in (0.01, 0.2, 0.25, 0.55, 0.95):
        measured, at = measure(plans, confidence_threshold=threshold), curve.counts[threshold]
        assert (at.precision, at.recall, at.duplicates) == (measured.precision, measured.recall, measured.duplicates)


def test_the_threshold_with_the_highest_f1_is_recommended():
    plans = [plan([LEFT, RIGHT], [Predicted(LEFT, 0.9), Predicted(RIGHT, 0.605), Predicted(NOWHERE, 0.405)])]
    curve = threshold_curve(rank(plans))
    assert curve.recommended == 0.41, "the lowest that leaves the wrong box out"
    assert curve.counts[0.41] == Counts(right=2)
    assert curve.as_json()["curve"][40] == {"threshold": 0.41, "precision": 1, "recall": 1, "f1": 1}


@pytest.mark.parametrize("predictions", [[], [Predicted(NOWHERE)]], ids=["no boxes", "no right ones"])
def test_no_threshold_is_recommended_if_none_gives_a_right_box(predictions: list[Predicted]):
    assert threshold_curve(rank([plan([LEFT], predictions)])).recommended is None


def test_confidences_equal_to_the_share_of_right_boxes_are_reliable():
    # 0.5 is right once in two times.
    plans = [plan([LEFT], [Predicted(LEFT, 0.5)]), plan([LEFT], [Predicted(NOWHERE, 0.5)])]
    measured = reliability(rank(plans), 0.25)
    assert measured.expected_calibration_error == pytest.approx(0)
    assert [(one.predictions, one.mean_confidence, one.precision) for one in measured.bins] == [(2, 0.5, 0.5)]


def test_the_calibration_error_is_weighted_by_predictions():
    plans = [plan([LEFT, RIGHT], [Predicted(LEFT, 0.85), Predicted(RIGHT, 0.85), Predicted(NOWHERE, 1.0)])]
    measured = reliability(rank(plans), 0.25)
    assert [(one.from_confidence, one.to_confidence) for one in measured.bins] == [(0.8, 0.9), (0.9, 1.0)]
    assert measured.expected_calibration_error == pytest.approx((2 * 0.15 + 1 * 1.0) / 3)


def test_only_the_boxes_served_are_judged():
    measured = reliability(rank([plan([LEFT], [Predicted(NOWHERE, 0.1)])]), 0.25)
    assert measured.expected_calibration_error is None
    assert measured.bins == ()
