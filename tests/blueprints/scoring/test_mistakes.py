"""Wrong boxes are told apart, and the worst plans are shown with them."""

import pytest
from PIL import Image

from blueprints.scoring.mistakes import Verdict, picture, verdicts, worst, wrong_boxes
from tests.blueprints.scoring.scored_plans import LEFT, RIGHT, Predicted, plan

PART_OF_LEFT = (0.0, 0.0, 0.4, 0.3)
PART_OF_RIGHT = (0.6, 0.0, 1.0, 0.4)
NOWHERE = (0.45, 0.0, 0.55, 0.2)
MISTAKEN = plan(
    [LEFT, RIGHT],
    [Predicted(NOWHERE, 0.9), Predicted(LEFT, 0.8), Predicted(PART_OF_LEFT, 0.7), Predicted(PART_OF_RIGHT, 0.6)],
)


def test_wrong_boxes_are_duplicate_inexact_or_on_no_room():
    assert verdicts(MISTAKEN, 0.25) == [Verdict.NO_ROOM, Verdict.RIGHT, Verdict.SECOND, Verdict.INEXACT]
    assert wrong_boxes([MISTAKEN, MISTAKEN], 0.25) == {"second box": 2, "inexact": 2, "no room": 2}


def test_only_boxes_above_the_threshold_are_judged():
    assert verdicts(MISTAKEN, 0.75) == [Verdict.NO_ROOM, Verdict.RIGHT]


def test_a_duplicate_is_a_second_box():
    one = plan([LEFT], [Predicted(LEFT, 0.9), Predicted((0.0, 0.0, 0.4, 0.9), 0.8)])
    assert verdicts(one, 0.25) == [Verdict.RIGHT, Verdict.SECOND]


def test_any_box_on_a_plan_without_rooms_is_on_no_room():
    assert verdicts(plan([], [Predicted(LEFT)]), 0.25) == [Verdict.NO_ROOM]


def test_the_worst_plans_have_the_lowest_f1_and_faultless_ones_are_left_out():
    right = plan([LEFT], [Predicted(LEFT)], name="right")
    half = plan([LEFT, RIGHT], [Predicted(LEFT)], name="half")
    nothing = plan([LEFT], [], name="nothing")
    worse = plan([LEFT, RIGHT], [Predicted(NOWHERE)], name="worse than nothing")
    empty = plan([], [], name="empty")
    assert [one.name for one in worst([right, half, nothing, worse, empty], 0.25, 3)] == [
        "worse than nothing",
        "nothing",
        "half",
    ]
    assert [one.name for one in worst([half, nothing], 0.25, 1)] == ["nothing"]


@pytest.mark.parametrize("one", [MISTAKEN, plan([], []), plan([LEFT], [])], ids=["mistakes", "empty", "missed"])
def test_a_picture_shows_labels_and_boxes_beside_each_other(one):
    sheet = picture(Image.new("RGB", (800, 600), "white"), one, 0.25)
    assert sheet.mode == "RGB"
    assert sheet.width > 2 * 1600
    labels, boxes = sheet.crop((0, 40, 1600, sheet.height)), sheet.crop((sheet.width - 1600, 40, *sheet.size))
    assert (len(labels.getcolors(1 << 20) or []) > 1) is bool(one.truth)
    assert (len(boxes.getcolors(1 << 20) or []) > 1) is bool(one.predictions)
