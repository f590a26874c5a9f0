# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""However a plan is turned, mirrored, scaled and placed, its boxes and its map lie where its rooms are drawn."""

import pytest
import torch

from images.training.recipes import colours
from images.training.recipes.composition import MAP_STRIDE_PX, Arrangement, Sheets, compose, join
from images.training.recipes.room_map import SIDE_PX
from tests.images.training.recipes.plan_tensors import GREYS, plans

ALONE = Arrangement(scale=(0.6, 1.0), enlarged_scale=(1.0, 1.0))
ENLARGED = Arrangement(enlarged_share=1.0, scale=(1.0, 1.0), enlarged_scale=(1.3, 2.0))
FOUR = Arrangement(four_share=1.0, scale=(1.0, 1.0), enlarged_scale=(1.0, 1.0), four_scale=(0.3, 0.5))

SHEETS = 6
LEAST_CELLS = 60  # a smaller room is mostly edge


@pytest.fixture(autouse=True)
def _same_draws():
    torch.manual_seed(7)


@pytest.mark.parametrize("arrangement", [ALONE, ENLARGED, FOUR], ids=["alone", "enlarged", "four"])
def test_a_rooms_number_in_the_map_is_that_of_its_box(arrangement: Arrangement):
    sheets = compose(plans(), SHEETS, arrangement)
    rooms = 0
    for boxes, room_map, count in zip(sheets.boxes, sheets.maps, sheets.counts, strict=True):
        for number, (left, top, right, bottom) in enumerate((boxes[:count] / MAP_STRIDE_PX).tolist(), start=1):
            rows, columns = torch.nonzero(room_map == number, as_tuple=True)
            assert abs(columns.min() - left) <= 1
            assert abs(columns.max() + 1 - right) <= 1
            assert abs(rows.min() - top) <= 1
            assert abs(rows.max() + 1 - bottom) <= 1
            rooms += 1
    assert rooms >= SHEETS


@pytest.mark.parametrize("arrangement", [ALONE, ENLARGED, FOUR], ids=["alone", "enlarged", "four"])
def test_a_rooms_map_covers_what_is_drawn_in_its_grey(arrangement: Arrangement):
    sheets = compose(plans(), SHEETS, arrangement)
    greys = sheets.pixels[:, 0, MAP_STRIDE_PX // 2 :: MAP_STRIDE_PX, MAP_STRIDE_PX // 2 :: MAP_STRIDE_PX]
    for pixels, room_map, count in zip(greys, sheets.maps, sheets.counts, strict=True):
        for number in range(1, int(count) + 1):
            shown = pixels[room_map == number]
            if len(shown) < LEAST_CELLS:
                continue
            grey = min(GREYS, key=lambda known: abs(known - float(shown.median())))
            # At the edges, the pixels of two rooms are averaged.
            assert ((shown - grey).abs() < 2).float().mean() > 0.7


def test_rooms_that_are_cut_off_have_no_box_and_no_map():
    sheets = compose(plans(), 40, ENLARGED)
    assert int(sheets.counts.min()) < 4
    assert (sheets.maps.flatten(1).amax(1) <= sheets.counts).all()


def test_all_eight_positions_of_a_plan_are_drawn():
    sheets = compose(plans(), 40, ALONE)
    # The smallest room lies in the plan's upper left; where it lies in the plan's bounds tells the position.
    seen = set()
    for boxes, count in zip(sheets.boxes, sheets.counts, strict=True):
        own = boxes[:count]
        low, high = own[:, :2].amin(0), own[:, 2:].amax(0)
        smallest = own[(own[:, 2:] - own[:, :2]).prod(1).argmin()]
        right, lower = (((smallest[:2] + smallest[2:]) / 2 - low) / (high - low) > 0.5).tolist()
        seen.add((right, lower, bool((high - low)[0] > (high - low)[1])))
    assert len(seen) == 8


def test_joined_sheets_keep_their_boxes():
    first, second = compose(plans(), 2, ALONE), compose(plans(), 3, FOUR)
    joined = join([first, second])
    assert joined.pixels.shape == (5, 3, SIDE_PX, SIDE_PX)
    for index, (part, row) in enumerate([(first, 0), (first, 1), (second, 0), (second, 1), (second, 2)]):
        count = int(part.counts[row])
        assert int(joined.counts[index]) == count
        assert torch.equal(joined.boxes[index, :count], part.boxes[row, :count])
        assert not joined.boxes[index, count:].any()


def test_changed_colours_stay_colours_and_leave_the_sheets_as_they_were():
    sheets: Sheets = compose(plans(), 20, ALONE)
    before = sheets.pixels.clone()
    changed = colours.change(sheets.pixels)
    assert torch.equal(sheets.pixels, before)
    assert changed.shape == before.shape
    assert float(changed.min()) >= 0
    assert float(changed.max()) <= 255
    differing = ((changed - before).abs().flatten(1).amax(1) > 1).float().mean()
    assert 0.3 < float(differing) < 0.95
