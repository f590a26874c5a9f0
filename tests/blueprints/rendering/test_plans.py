"""Rendered plans: boxes that end at the faces of the walls, the same files for a seed, nothing overwritten."""

import random
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from blueprints.geometry import Box
from blueprints.rendering.drawing_style import DrawingStyle, Family, Walls, drawing_style
from blueprints.rendering.layout import Kind, Layout, layout
from blueprints.rendering.layout_generator import generate
from blueprints.rendering.plans import RenderedPlan, render_plan, write_plans
from blueprints.rendering.polygons import extent, signed_area
from blueprints.rendering.scan import NONE
from blueprints.rendering.sheet_arrangement import LONGEST_SIDE_PX

pytestmark = pytest.mark.whole

BARE = DrawingStyle(family="listing", names=0.0, built_in=0.0, pen=1.5, margin=0.1)
"""Walls and nothing else, in lines without gaps."""


def closed_rooms(_rng: random.Random) -> Layout:
    """Three rooms, one of them angular, in walls too short for any door."""
    kinds = np.full((130, 190), Kind.WALL, np.uint8)
    kinds[8:122, 8:70] = Kind.BEDROOM
    kinds[8:60, 76:182] = Kind.LIVING
    kinds[60:122, 120:182] = Kind.LIVING
    kinds[66:122, 76:114] = Kind.BATH
    return layout(kinds, pixels_per_metre=400.0)


def pixel_boxes(plan: RenderedPlan) -> list[Box]:
    width, height = plan.image.size
    return sorted((x0 * width, y0 * height, x1 * width, y1 * height) for x0, y0, x1, y1 in plan.boxes)


def seen_boxes(plan: RenderedPlan) -> list[Box]:
    """The extents of the areas of paper that walls enclose, from the pixels alone."""
    paper = np.asarray(plan.image.convert("L")) > 127
    areas = np.zeros(paper.shape, np.int32)
    ndimage.label(paper, output=areas)
    outside = {*areas[0], *areas[-1], *areas[:, 0], *areas[:, -1]}
    found = [
        (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        for number, (rows, columns) in enumerate(ndimage.find_objects(areas), start=1)
        if number not in outside and np.count_nonzero(areas == number) > 1000
    ]
    return sorted(found)


def matching(measured: list[Box], given: list[Box], most: float) -> bool:
    """Whether each given box has a measured one whose edges all lie within `most` pixels of its own."""
    distances = [min(max(np.abs(np.subtract(box, seen))) for seen in measured) for box in given]
    return max(distances) <= most


@pytest.mark.parametrize("walls", get_args(Walls))
def test_boxes_end_at_the_faces_of_the_walls(walls: Walls) -> None:
    for seed in range(8):
        style = replace(BARE, walls=walls, partitions=walls)
        plan = render_plan(closed_rooms, seed, 0, style=style, wear=NONE)
        assert len(plan.boxes) == 3
        assert matching(seen_boxes(plan), pixel_boxes(plan), 0.75)


def test_boxes_follow_a_turned_skewed_and_stretched_scan() -> None:
    wear = replace(NONE, turned=1.0, skewed=1.0, stretched=1.0)
    for seed in range(20):
        plan = render_plan(closed_rooms, seed, 0, style=BARE, wear=wear)
        assert matching(seen_boxes(plan), pixel_boxes(plan), 1.25)


def test_outlines_enclose_the_paper_of_their_rooms_through_any_scan() -> None:
    wear = replace(NONE, turned=1.0, skewed=1.0, stretched=1.0)
    for seed in range(6):
        for resolution in (1, 2):
            plan = render_plan(closed_rooms, seed, 0, style=BARE, wear=wear, resolution=resolution)
            assert len(plan.outlines) == 3
            paper = np.asarray(plan.image.convert("L")) > 127
            areas = np.zeros(paper.shape, np.int32)
            ndimage.label(paper, output=areas)
            for outline in plan.outlines:
                mask = Image.new("1", plan.image.size)
                ImageDraw.Draw(mask).polygon(outline.ravel().tolist(), fill=1)
                inside = np.asarray(mask)
                room = areas == np.bincount(areas[inside & paper]).argmax()
                assert np.count_nonzero(inside & room) > 0.96 * np.count_nonzero(inside | room)


def test_outlines_are_clockwise_and_span_the_boxes() -> None:
    for seed in range(6):
        plan = render_plan(generate, seed, 0)
        width, height = plan.image.size
        for (x0, y0, x1, y1), outline in zip(plan.boxes, plan.outlines, strict=True):
            assert signed_area(outline) > 0
            assert extent(outline) == pytest.approx((x0 * width, y0 * height, x1 * width, y1 * height), abs=1.0)


def test_boxes_are_right_for_several_floors_on_a_sheet() -> None:
    style = replace(BARE, floors=3, chains=2, title="strip")
    plan = render_plan(closed_rooms, 1, 0, style=style, wear=NONE)
    assert len(plan.boxes) == 9
    assert matching(seen_boxes(plan), pixel_boxes(plan), 0.75)


def terraced_house(_rng: random.Random) -> Layout:
    """A room between two neighbours, each of a closed room that the picture ends in."""
    kinds = np.full((100, 160), Kind.WALL, np.uint8)
    kinds[8:92, 46:114] = Kind.LIVING
    kinds[8:92, 0:40] = kinds[8:92, 120:160] = Kind.BEDROOM
    foreign = np.zeros(kinds.shape, np.bool_)
    foreign[:, :40] = foreign[:, 120:] = True
    return layout(kinds, 400.0, foreign)


def test_neighbours_are_drawn_up_to_the_edge_of_the_picture_and_have_no_boxes() -> None:
    plan = render_plan(terraced_house, 1, 0, style=BARE, wear=NONE)
    assert len(plan.boxes) == len(plan.outlines) == 1
    assert matching(pixel_boxes(plan), seen_boxes(plan), 0.75)
    row = np.asarray(plan.image.convert("L"))[plan.image.height // 2]
    runs = np.flatnonzero(np.diff((row < 128).astype(int)))
    assert len(runs) == 4, "two party walls"
    assert runs[0] < 0.3 * plan.image.width


def test_a_picture_that_ends_within_the_plan_clips_its_boxes() -> None:
    plans = [render_plan(closed_rooms, seed, 0, style=replace(BARE, cut=2, margin=0.0)) for seed in range(12)]
    boxes = [box for plan in plans for box in plan.boxes]
    assert min(min(box) for box in boxes) == 0
    assert max(max(box) for box in boxes) <= 1
    assert any(0 in box or 1 in box for box in boxes)


def test_a_sheet_too_small_for_its_floors_shows_one() -> None:
    def long_corridors(_rng: random.Random) -> Layout:
        kinds = np.full((40, 1800), Kind.WALL, np.uint8)
        kinds[5:35, 5:1795] = Kind.ENTRY
        return layout(kinds, pixels_per_metre=20.0)

    plan = render_plan(long_corridors, 1, 0, style=replace(BARE, floors=4), wear=NONE)
    assert len(plan.boxes) == 1


def test_the_longer_side_is_that_of_training() -> None:
    sizes = {render_plan(closed_rooms, 2, index).image.size for index in range(10)}
    assert {max(size) for size in sizes} == {LONGEST_SIDE_PX}
    assert len(sizes) > 3


@pytest.mark.parametrize("family", ["listing", "architect", "colour", "cad", "survey", "cyanotype", "inverted"])
def test_plans_of_every_family_have_rooms_and_something_to_see(family: Family) -> None:
    for index in range(2):
        style = drawing_style(random.Random(index), family)
        plan = render_plan(generate, 1, index, style=style)
        assert plan.boxes
        assert all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for x0, y0, x1, y1 in plan.boxes)
        assert np.asarray(plan.image.convert("L")).std() > 5


def test_a_folder_of_plans_can_be_read_as_labelled_plans(tmp_path: Path) -> None:
    rooms = write_plans(tmp_path / "plans", 3, 9)
    plans = yolo.plans(tmp_path / "plans")
    assert [plan.name for plan in plans] == [f"rendered-9-{index:06d}" for index in range(3)]
    assert sum(len(yolo.read_labels(plan.labels)) for plan in plans) == rooms > 3
    for plan in plans:
        with Image.open(plan.image) as image:
            assert image.format == "JPEG"


def test_the_same_seed_writes_the_same_bytes_whatever_the_number_of_processes(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("one", "two", "other seed")}
    write_plans(folders["one"], 9, 4)
    write_plans(folders["two"], 9, 4, workers=2)
    write_plans(folders["other seed"], 2, 5)
    contents = {
        name: [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
        for name, folder in folders.items()
    }
    assert len(contents["one"]) == 18
    assert contents["one"] == contents["two"]
    assert not set(contents["one"]) & set(contents["other seed"])


def test_fewer_plans_of_a_seed_are_the_first_of_more(tmp_path: Path) -> None:
    write_plans(tmp_path / "few", 2, 6)
    write_plans(tmp_path / "more", 3, 6)
    for path in sorted((tmp_path / "few").rglob("*.jpg")):
        assert path.read_bytes() == (tmp_path / "more" / path.relative_to(tmp_path / "few")).read_bytes()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BlueprintError, match="already exists: give a new or an empty folder"):
        write_plans(tmp_path, 1, 0)
    with pytest.raises(BlueprintError, match="already exists"):
        write_plans(tmp_path / "notes.txt", 1, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_progress_is_reported_plan_by_plan(tmp_path: Path) -> None:
    told: list[int] = []
    write_plans(tmp_path / "plans", 3, 0, written=told.append)
    assert told == [1, 2, 3]
