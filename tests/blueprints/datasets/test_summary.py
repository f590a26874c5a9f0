"""The summary counts what the labels hold, and its pictures show it."""

import json
from pathlib import Path

import pytest
from PIL import Image

from blueprints.datasets import summary
from blueprints.errors import BlueprintError
from blueprints.overlay import colour
from tests.blueprints.datasets.labelled import add

pytestmark = pytest.mark.whole


def _silent(*_: object) -> None:
    pass


@pytest.fixture
def plans(tmp_path: Path) -> list[summary.PlanFacts]:
    """Plans of 160 x 120 px: two for training, each with a box of a quarter of it, and one without boxes."""
    add(tmp_path / "training", "train", "scan_1.png", 1, "0 0.5 0.5 0.5 0.5\n")
    add(tmp_path / "training", "train", "cad_1.png", 2, "0 0.5 0.5 0.5 0.5\n0 0.05 0.05 0.05 0.1\n")
    add(tmp_path / "validation", "val", "plan.png", 3, "")
    return summary.read(tmp_path, _silent)


def test_plans_are_grouped_by_split_and_by_the_part_of_the_name_before_the_number(
    plans: list[summary.PlanFacts],
) -> None:
    groups = summary.as_json(plans)["groups"]
    assert [(group["split"], group["style"], group["plans"], group["boxes"]) for group in groups] == [
        ("training", "cad", 1, 2),
        ("training", "scan", 1, 1),
        ("validation", "", 1, 0),
    ]


@pytest.mark.parametrize(
    ("name", "style"),
    [("high_quality_17", "high_quality"), ("cubicasa-hq_1506", "cubicasa-hq"), ("plan", ""), ("_1", ""), ("a_1b", "")],
)
def test_a_style_is_the_part_of_the_name_before_the_number(name: str, style: str) -> None:
    assert summary.style_of(name) == style


def test_the_figures_are_computed_from_the_labels(plans: list[summary.PlanFacts]) -> None:
    total = summary.as_json(plans)["total"]
    assert (total["plans"], total["boxes"], total["plans_without_boxes"]) == (3, 3, 1)
    assert total["boxes_per_plan"] == {"min": 0, "p5": 0.1, "median": 1, "p95": 1.9, "max": 2}
    assert total["box_share_of_plan"]["max"] == 0.25
    assert total["boxes_under_one_percent"] == 1
    assert total["box_width_to_height"]["max"] == pytest.approx(160 / 120, abs=1e-5)
    assert (total["image_width"]["median"], total["image_height"]["median"]) == (160, 120)


def test_a_folder_without_channels_is_grouped_by_its_own_splits(tmp_path: Path) -> None:
    add(tmp_path, "train", "a.png", 1)
    add(tmp_path, "dev", "b.png", 2)
    assert {plan.split for plan in summary.read(tmp_path, _silent)} == {"train", "dev"}


def test_the_files_are_written_and_named(plans: list[summary.PlanFacts], tmp_path: Path) -> None:
    written = summary.write(plans, tmp_path / "new" / "summary", _silent)
    assert [path.name for path in written] == ["summary.json", "histograms.png", "contact_sheet.png"]
    assert json.loads(written[0].read_text()) == summary.as_json(plans)
    for path in written[1:]:
        with Image.open(path) as image:
            image.verify()


def test_a_set_without_any_box_still_has_a_summary(tmp_path: Path) -> None:
    add(tmp_path / "set", "train", "plan.png", 1, "")
    plans = summary.read(tmp_path / "set", _silent)
    assert len(summary.write(plans, tmp_path / "out", _silent)) == 3
    assert summary.as_json(plans)["total"]["box_share_of_plan"] is None


def test_the_sheet_shows_each_plan_with_its_boxes(tmp_path: Path) -> None:
    add(tmp_path, "train", "square.png", 1, "0 0.5 0.5 0.5 0.5\n")
    Image.new("RGB", (200, 200), "white").save(tmp_path / "images" / "train" / "square.png")
    sheet = summary.contact_sheet(summary.read(tmp_path, _silent))
    side = summary.CELL_PX
    assert sheet.size == (side * summary.SHEET_COLUMNS, side + summary.CAPTION_PX)
    picture = side - 6
    assert sheet.getpixel((side // 2, round(3 + picture * 0.25))) == colour(0), "the box's upper side"
    assert sheet.getpixel((side // 2, side // 2)) == (255, 255, 255)


def test_the_sheet_shows_every_style_once_before_any_twice(tmp_path: Path) -> None:
    for number in range(40):
        add(tmp_path, "train", f"many_{number}.png", number)
    for number in range(3):
        add(tmp_path, "train", f"few_{number}.png", 50 + number)
    plans = summary.read(tmp_path, _silent)
    sheet = summary.contact_sheet(plans)
    assert sheet.height == summary.SHEET_ROWS * (summary.CELL_PX + summary.CAPTION_PX)
    assert [plan.style for plan in summary.chosen(plans)[:6]] == ["few", "many"] * 3


def test_the_table_has_a_row_per_group_and_one_for_all(plans: list[summary.PlanFacts]) -> None:
    table = summary.as_table(plans)
    assert list(table.columns[0].cells) == ["training", "training", "validation", "all"]
    assert list(table.columns[2].cells) == ["1", "1", "1", "3"]


def test_a_broken_label_is_refused_with_its_place(tmp_path: Path) -> None:
    add(tmp_path, "train", "plan.png", 1, "3 0.5 0.5 0.1 0.1\n")
    with pytest.raises(BlueprintError, match=r"plan\.txt:1: class 3"):
        summary.read(tmp_path, _silent)
