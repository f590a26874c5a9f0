# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Labelled and drawn plans come onto the device as they lie in their files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from blueprints.rendering.buildings.samples import Sample
from images.training.errors import InputError
from images.training.recipes import drawn
from images.training.recipes.plans import Pool, read_folder
from images.training.recipes.room_map import MAP_STRIDE_PX, MOST_ROOMS, SIDE_PX, room_map

CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two plans: an L with a square in its notch, with outlines; and a plan of one room without them."""
    for part in ("images", "labels", "outlines"):
        (tmp_path / part / "train").mkdir(parents=True)
    Image.new("RGB", (400, 200), "white").save(tmp_path / "images/train/own_1.png")
    (tmp_path / "labels/train/own_1.txt").write_text("0 0.75 0.25 0.5 0.5\n0 0.5 0.5 1 1\n")
    (tmp_path / "outlines/train/own_1.txt").write_text("0 0 0 0.5 0 0.5 0.5 1 0.5 1 1 0 1\n0 0.5 0 1 0 1 0.5 0.5 0.5\n")
    Image.new("L", (1280, 640), "black").save(tmp_path / "images/train/other.png")
    (tmp_path / "labels/train/other.txt").write_text("0 0.5 0.5 1 1\n")
    return tmp_path


def test_a_plans_outlines_are_those_of_its_boxes_in_any_order(folder: Path):
    plans = read_folder(folder, {"own": 3.0}, CPU)
    assert plans.boxes[1, :2].tolist() == [[200, 0, 400, 100], [0, 0, 400, 200]]
    assert plans.counts.tolist() == [1, 2]
    at = {name: plans.maps[1, y // MAP_STRIDE_PX, x // MAP_STRIDE_PX] for name, (x, y) in PLACES.items()}
    assert at == {"square": 1, "left of L": 2, "below": 2, "beside the plan": 0}
    assert not plans.maps[0].any()


PLACES = {"square": (300, 50), "left of L": (100, 50), "below": (300, 150), "beside the plan": (500, 50)}


def test_a_large_plan_is_read_at_640_px(folder: Path):
    plans = read_folder(folder, {}, CPU)
    assert plans.sizes.tolist() == [[640, 320], [400, 200]]
    assert plans.pixels[0, :, :320].max() == 0
    assert plans.pixels[0, :, 320:].min() == 255


def test_a_plans_weight_is_that_of_its_names_first_part(folder: Path):
    assert read_folder(folder, {"own": 3.0}, CPU).weights.tolist() == [1.0, 3.0]


def test_an_outline_that_cannot_be_read_is_named(folder: Path):
    (folder / "outlines/train/own_1.txt").write_text("0 0 0 0.5\n")
    with pytest.raises(InputError, match=r"own_1\.txt:1: .*'0 x y x y"):
        read_folder(folder, {}, CPU)


def test_a_small_room_is_drawn_over_the_large_one_around_it():
    def square(low: float, high: float) -> np.ndarray:
        return np.array([(low, low), (high, low), (high, high), (low, high)], np.float32)

    drawn_map = room_map([square(100, 200), square(0, 400), None])
    assert drawn_map[75, 75] == 1
    assert drawn_map[150, 150] == 2
    assert set(np.unique(drawn_map)) == {0, 1, 2}


def _sample(grey: int, rooms: int = 1) -> Sample:
    boxes = np.array([(0, 0, 10 + index, 10) for index in range(rooms)], np.float32).reshape(-1, 4)
    return np.full((SIDE_PX, SIDE_PX), grey, np.uint8), boxes, [np.zeros((0, 2), np.float32)] * rooms


def test_a_pool_holds_the_newest_pictures(tmp_path: Path):
    pool = Pool(tmp_path, 3, CPU)
    drawn.write_shard(tmp_path / "1-000000.npz", [_sample(1), _sample(2, rooms=2)])
    drawn.write_shard(tmp_path / "1-000001.npz", [_sample(3), _sample(4, rooms=0)])
    pool.read(1)
    assert pool.count == 2
    assert pool.plans.weights.tolist() == [1, 1, 0]
    pool.read(1)
    pool.read(1)
    assert pool.count == 4
    assert pool.plans.pixels[:, 0, 0, 0].tolist() == [4, 2, 3]
    assert pool.plans.counts.tolist() == [0, 2, 1]
    assert pool.plans.boxes[1, :2].tolist() == [[0, 0, 10, 10], [0, 0, 11, 10]]


def test_a_picture_of_more_rooms_than_a_map_can_number_keeps_the_first(tmp_path: Path):
    pool = Pool(tmp_path, 1, CPU)
    drawn.write_shard(tmp_path / "1-000000.npz", [_sample(1, rooms=MOST_ROOMS + 5)])
    pool.read(1)
    assert pool.plans.counts.tolist() == [MOST_ROOMS]
