"""The plans that the servers get: rendered ones, or those of a folder."""

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.load_plans import MOST_PLANS, base64_json, plans_of, raw, rendered_plans
from benchmarks.serving import shape
from blueprints.errors import BlueprintError
from tests.blueprints.datasets.labelled import add


def test_rendered_plans_are_of_both_formats_of_several_sizes_and_mostly_not_square():
    plans = rendered_plans()
    assert {plan.media_type for plan in plans} == {"image/jpeg", "image/png"}
    assert len({max(plan.width, plan.height) for plan in plans}) > 2
    square = [plan for plan in plans if len(set(shape(plan).split("x"))) == 1]
    assert len(square) < len(plans) / 4
    areas = [height * width for height, width in (map(int, shape(plan).split("x")) for plan in plans)]
    assert sum(areas) / len(areas) == pytest.approx(448 * 640, rel=0.05)


def test_both_forms_of_a_body_hold_the_same_file(tmp_path: Path):
    add(tmp_path, "", "a.png", 1)
    (plan,) = plans_of(tmp_path)
    assert (raw(plan).content, raw(plan).media_type) == (plan.content, "image/png")
    body = base64_json(plan)
    assert body.media_type == "application/json"
    assert base64.b64decode(json.loads(body.content)["image"]) == plan.content
    assert Image.open(io.BytesIO(plan.content)).size == (plan.width, plan.height)


def test_plans_of_a_large_folder_are_sampled_evenly_by_name(tmp_path: Path):
    for number in range(2 * MOST_PLANS):
        add(tmp_path, "", f"{number:03}.png", number)
    assert [plan.name for plan in plans_of(tmp_path)] == [f"{number:03}" for number in range(0, 2 * MOST_PLANS, 2)]


def test_a_file_that_is_not_an_image_is_named(tmp_path: Path):
    add(tmp_path, "", "a.png", 1).write_text("no image")
    with pytest.raises(BlueprintError, match=r"a\.png: cannot be read as an image"):
        plans_of(tmp_path)
