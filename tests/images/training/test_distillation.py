# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""A network learns from what its starting weights find in the mirrored plan."""

import copy
import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.tal import make_anchors

from images.training import distillation, weights
from images.training.contract import PACKAGED_WEIGHTS
from images.training.distillation import SelfDistillationLoss
from images.training.errors import InputError
from tests.images.training.floor_plans import draw
from tests.images.training.training_process import Finished, TrainingProcess, results

STRIDES_PX = (8, 16, 32)
SIDES_PX = (64, 96)  # height, width


@pytest.mark.parametrize("axes", [(2,), (3,), (2, 3)])
def test_what_is_found_in_a_mirrored_plan_is_put_where_it_is_in_the_plan(axes: Sequence[int]):
    levels = [torch.empty(1, 1, SIDES_PX[0] // stride, SIDES_PX[1] // stride) for stride in STRIDES_PX]
    centers, strides = make_anchors(levels, list(STRIDES_PX))
    centers_px = (centers * strides).T
    # In the mirrored plan every anchor says: a room is around me, as surely as I am far from the left and the top.
    mirrored = torch.cat([centers_px, centers_px, centers_px.sum(0, keepdim=True)])[None]
    back = distillation.mirrored_back(mirrored, axes, sides_px=SIDES_PX, strides_px=STRIDES_PX)[0]
    assert torch.equal(back[:2], centers_px)
    there_px = centers_px.clone()
    for axis in axes:
        there_px[3 - axis] = SIDES_PX[axis - 2] - there_px[3 - axis]
    assert torch.equal(back[4], there_px.sum(0))


@pytest.fixture(scope="module")
def teacher() -> DetectionModel:
    return weights.starting_network(PACKAGED_WEIGHTS, "yolov8n")  # pyright: ignore[reportReturnType]


def test_a_network_without_labels_keeps_to_what_its_teacher_finds(teacher: DetectionModel):
    plan, _ = draw(random.Random(0))
    pixels = torch.from_numpy(np.array(plan.resize((160, 160)))).permute(2, 0, 1)[None] / 255
    no_labels = {"img": pixels, "batch_idx": torch.zeros(0), "cls": torch.zeros(0, 1), "bboxes": torch.zeros(0, 4)}

    def greatest_confidence(weight: float) -> float:
        """After some steps without labels."""
        torch.manual_seed(0)
        network = copy.deepcopy(teacher).requires_grad_(True).train()
        network.args = get_cfg()
        network.criterion = SelfDistillationLoss(network, teacher, weight)
        optimizer = torch.optim.SGD([branch[-1].bias for branch in network.model[-1].cv3], lr=0.05)
        for _ in range(10):
            optimizer.zero_grad()
            network.loss(no_labels)[0].sum().backward()
            optimizer.step()
        with torch.no_grad():
            return float(network.eval()(pixels)[0][:, 4].max())

    assert greatest_confidence(weight=10.0) > 1.2 * greatest_confidence(weight=0.0)


def test_a_teacher_of_things_other_than_rooms_is_refused():
    with pytest.raises(InputError, match=r"^distillation: the starting weights find 80 classes, not rooms alone: "):
        distillation.check_teacher(SimpleNamespace(names=dict.fromkeys(range(80))))  # pyright: ignore[reportArgumentType]


def test_half_precision_learns_large_rooms_as_well(teacher: DetectionModel):
    """The area of 400 x 400 px is more than half precision can hold."""
    torch.manual_seed(0)
    plan = Image.new("RGB", (640, 640), "white")
    for room in ((20, 20, 420, 420), (410, 20, 620, 420), (20, 410, 420, 620), (410, 410, 620, 620)):
        ImageDraw.Draw(plan).rectangle(room, outline="black", width=10)
    pixels = torch.from_numpy(np.array(plan)).permute(2, 0, 1)[None] / 255
    batch = {"img": pixels, "batch_idx": torch.zeros(0), "cls": torch.zeros(0, 1), "bboxes": torch.zeros(0, 4)}
    network = copy.deepcopy(teacher).train()
    network.args = get_cfg()
    with torch.no_grad():

        def box_loss(*, half: bool) -> float:
            torch.manual_seed(0)
            with torch.autocast("cpu", torch.float16, enabled=half):
                return float(SelfDistillationLoss(network, teacher, weight=1.0)(network(pixels), batch)[0][0])

        assert box_loss(half=True) == pytest.approx(box_loss(half=False), rel=0.05)


def test_a_distilled_run_learns_something_else_and_continues_after_a_kill(
    start_training: Callable[..., TrainingProcess], finished: Finished
):
    killed = start_training(epochs=2, distillation=10)
    killed.wait_for_epoch(1)
    killed.kill()
    assert killed.output.splitlines()[0] != finished.output.splitlines()[0]
    resumed = start_training()
    assert resumed.exit_code() == 0, resumed.errors
    assert results(resumed.base) == results(finished.base)
