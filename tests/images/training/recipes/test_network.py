# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""The network with outlines: what it gives, what it starts from, and that it learns."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from images.training import weights
from images.training.contract import PACKAGED_WEIGHTS
from images.training.recipes import losses, network
from images.training.recipes.composition import MAP_STRIDE_PX, Arrangement, Sheets, compose
from images.training.recipes.room_map import SIDE_PX
from tests.images.training.recipes.plan_tensors import plans


def test_every_anchor_has_a_box_a_confidence_and_an_outline():
    model = network.build().eval()
    with torch.inference_mode():
        output, raw = model(torch.zeros(1, 3, 64, 96))
    assert output.shape == (1, 5 + network.PROTOTYPES, 8 * 12 + 4 * 6 + 2 * 3)
    assert raw["proto"].shape == (1, network.PROTOTYPES, 64 // 4, 96 // 4)


def test_it_starts_from_the_shipped_body_and_boxes():
    model = network.build()
    missing = network.start_from(model, network.load(PACKAGED_WEIGHTS))
    assert all(name.split(".")[2] in ("cv3", "cv4", "proto") for name in missing)
    shipped = weights.load(PACKAGED_WEIGHTS)[0].state_dict()
    assert torch.equal(model.state_dict()["model.22.cv2.0.2.weight"], shipped["model.22.cv2.0.2.weight"])


def test_saved_weights_are_read_again(tmp_path: Path):
    model = network.build()
    network.save(model, tmp_path / "own.pt")
    other = network.build()
    assert network.start_from(other, network.load(tmp_path / "own.pt")) == []
    for name, value in other.state_dict().items():
        assert torch.equal(value, model.state_dict()[name].half().to(value.dtype)), name


@pytest.fixture(scope="module")
def sheets() -> Sheets:
    torch.manual_seed(3)
    return compose(plans(), 1, Arrangement(scale=(0.9, 1.0), enlarged_scale=(1.0, 1.0)))


def _loss() -> tuple[torch.nn.Module, losses.RoomLoss]:
    model = network.build()
    network.start_from(model, network.load(PACKAGED_WEIGHTS))
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    return model, losses.RoomLoss(model)


def test_a_few_steps_on_one_batch_lower_the_loss_and_that_of_outlines(sheets: Sheets):
    torch.manual_seed(0)
    model, loss = _loss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.002)
    totals, outlines = [], []
    for _ in range(4):
        total, parts = loss.of_sheets(model(sheets.pixels / 255), sheets, 3.0)
        total.backward()
        optimizer.step()
        optimizer.zero_grad()
        totals.append(float(total.detach()))
        outlines.append(float(parts[3]))
    assert totals[-1] < totals[0]
    assert outlines[-1] < 0.7 * outlines[0]


def test_right_outlines_cost_nothing_and_shifted_ones_do(sheets: Sheets):
    _, loss = _loss()
    right = _outline_loss(loss, sheets, shift=0)
    assert right < 0.01
    assert _outline_loss(loss, sheets, shift=8) > 0.5


def _outline_loss(loss: losses.RoomLoss, sheets: Sheets, shift: int) -> float:
    """The loss of outlines that are the first room of each sheet, moved by `shift` cells, if there are no others."""
    n, side = len(sheets.counts), SIDE_PX // MAP_STRIDE_PX
    first = Sheets(
        pixels=sheets.pixels,
        maps=(sheets.maps == 1).long(),
        boxes=sheets.boxes[:, :1],
        counts=torch.ones_like(sheets.counts),
    )
    with torch.no_grad():
        found = losses.in_float32(network.build()(sheets.pixels / 255))
    found["proto"] = torch.full((n, network.PROTOTYPES, side, side), -20.0)
    found["proto"][:, 0][torch.roll(first.maps == 1, shift, 2)] = 20.0
    found["mask_coefficient"] = torch.zeros_like(found["mask_coefficient"])
    found["mask_coefficient"][:, 0] = 1.0
    return float(loss.of_sheets(found, first, 1.0)[1][3])
