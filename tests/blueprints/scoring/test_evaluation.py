"""The report has all figures over all plans and by style, and its curves are pictures."""

import json
from pathlib import Path

import pytest
from PIL import Image

from blueprints.scoring import evaluation_plots
from blueprints.scoring.detection_metrics import ScoredPlan, measure
from blueprints.scoring.evaluation import evaluate
from tests.blueprints.scoring.scored_plans import LEFT, RIGHT, Predicted, plan

CLEAN = plan([LEFT, RIGHT], [Predicted(LEFT, 0.9), Predicted(RIGHT, 0.8)], style="clean")
SCAN = plan([LEFT], [Predicted(RIGHT, 0.4)], style="scan")


def test_each_style_is_measured_on_its_own_plans():
    report = evaluate([SCAN, CLEAN], confidence_threshold=0.25)
    assert report.total == measure([SCAN, CLEAN], confidence_threshold=0.25)
    assert list(report.styles) == ["clean", "scan"]
    assert report.styles["clean"] == measure([CLEAN], confidence_threshold=0.25)


def test_the_report_can_be_written_as_json():
    document = json.loads(json.dumps(evaluate([SCAN, CLEAN], confidence_threshold=0.25).as_json()))
    assert (document["plans"], document["styles"]["scan"]["recall"], document["wrong_boxes"]["no room"]) == (2, 0, 1)
    assert document["thresholds"]["recommended"] == 0.4
    assert document["reliability"]["bins"][0]["predictions"] == 1


@pytest.mark.parametrize(
    "plans", [[SCAN, CLEAN], [plan([], [])], [plan([LEFT], [])]], ids=["both", "no rooms", "nothing found"]
)
def test_every_curve_is_drawn_whatever_there_is_to_draw(plans: list[ScoredPlan], tmp_path: Path):
    paths = evaluation_plots.draw(evaluate(plans, confidence_threshold=0.25), tmp_path)
    assert sorted(path.name for path in paths) == ["pr_curve.png", "reliability.png", "threshold_curve.png"]
    for path in paths:
        with Image.open(path) as curve:
            assert curve.size == (768, 576)
