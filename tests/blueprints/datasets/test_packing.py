"""Plans packed into sheets: none is lost, none overlaps, and every box stays on its room."""

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blueprints.__main__ import main
from blueprints.datasets import packing, yolo
from blueprints.datasets.packing import SHEET_PX, Placement
from blueprints.errors import BlueprintError

SIZES = [(640, 420), (400, 640), (1200, 1200), (640, 300), (90, 640), (640, 640), (500, 333)] * 6
PAPER, ROOM = (250, 250, 250), (200, 30, 30)


def overlap(a: Placement, b: Placement) -> bool:
    return (
        a.left < b.left + b.width
        and b.left < a.left + a.width
        and a.top < b.top + b.height
        and b.top < a.top + a.height
    )


def write_plan(folder: Path, name: str, size: tuple[int, int], room: tuple[int, int, int, int]) -> None:
    """A plan with one red room, whose box in pixels is given."""
    (width, height), (x0, y0, x1, y1) = size, room
    picture = Image.new("RGB", size, PAPER)
    picture.paste(ROOM, room)
    for part in ("images", "labels"):
        (folder / part / "train").mkdir(parents=True, exist_ok=True)
    picture.save(folder / "images" / "train" / f"{name}.png")
    box = x0 / width, y0 / height, x1 / width, y1 / height
    (folder / "labels" / "train" / f"{name}.txt").write_text(yolo.label_text([box]))


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    folder = tmp_path / "plans"
    rng = random.Random(0)
    for number in range(12):
        width, height = rng.randrange(300, 900), rng.randrange(300, 900)
        x0, y0 = rng.randrange(20, 100), rng.randrange(20, 100)
        write_plan(folder, f"plan_{number}", (width, height), (x0, y0, x0 + 150, y0 + 120))
    return folder


def test_every_plan_lies_on_one_sheet():
    placed = [one.plan for sheet in packing.arrange(SIZES, seed=1) for one in sheet]
    assert sorted(placed) == list(range(len(SIZES)))


def test_plans_stay_on_their_sheet_and_apart():
    for sheet in packing.arrange(SIZES, seed=2):
        assert min(min(one.left, one.top) for one in sheet) >= 0
        assert max(max(one.left + one.width, one.top + one.height) for one in sheet) <= SHEET_PX
        assert not any(overlap(a, b) for a, b in combinations(sheet, 2))


def test_sheets_are_fewer_than_plans():
    assert len(packing.arrange(SIZES, seed=3)) < 0.8 * len(SIZES)


def test_a_seed_gives_the_same_sheets_and_another_one_others():
    assert packing.arrange(SIZES, seed=4) == packing.arrange(SIZES, seed=4)
    assert packing.arrange(SIZES, seed=4) != packing.arrange(SIZES, seed=5)


def test_a_box_turns_with_its_image():
    image = Image.new("L", (40, 20), 0)
    image.paste(255, (4, 2, 12, 8))
    box = 4 / 40, 2 / 20, 12 / 40, 8 / 20
    for turns, transpose in ((1, Image.Transpose.ROTATE_90), (2, Image.Transpose.ROTATE_180)):
        turned = image.transpose(transpose)
        x0, y0, x1, y1 = packing.turn(box, turns)
        width, height = turned.size
        assert turned.getbbox() == (round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))


def test_boxes_lie_on_their_rooms(plans: Path, tmp_path: Path):
    out = tmp_path / "packed"
    assert main(["pack", str(plans), "--out", str(out), "--seed", "7"]) == 0
    found = 0
    for plan in yolo.plans(out):
        pixels = np.asarray(Image.open(plan.image).convert("RGB"))
        for box in yolo.read_labels(plan.labels):
            found += 1
            x0, y0, x1, y1 = (round(value * SHEET_PX) for value in box)
            assert pixels[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3, 1].max() < 120, "all of the box is room"
            assert pixels[y0 - 3, x0 - 3, 1] > 180, "beyond its first corner there is none"
            assert pixels[y1 + 2, x1 + 2, 1] > 180, "nor beyond its last"
    assert found == 12


def test_a_folder_given_twice_counts_twice(plans: Path, tmp_path: Path):
    once, twice = tmp_path / "once", tmp_path / "twice"
    assert packing.pack([plans], once, 0, lambda *_: None)[0] == 12
    assert packing.pack([plans, plans], twice, 0, lambda *_: None)[0] == 24


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_image_that_cannot_be_read_is_named_and_nothing_is_written(plans: Path, tmp_path: Path, share: float):
    """Whether its header is broken too, or it is only cut off."""
    broken = plans / "images" / "train" / "plan_3.png"
    content = broken.read_bytes()
    broken.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BlueprintError, match=r"plan_3\.png: cannot be read"):
        packing.pack([plans], tmp_path / "packed", 0, lambda *_: None)
    assert not (tmp_path / "packed").exists()


def test_an_existing_folder_is_left_alone(plans: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["pack", str(plans), "--out", str(plans)]) == 2
    assert "already exists" in capsys.readouterr().err
