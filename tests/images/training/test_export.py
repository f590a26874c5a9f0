# pyright: reportMissingImports=false
# (onnx is in the training environment only)
"""Exported weights find what the trained ones find, or the run fails."""

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from images.training import export
from images.training.errors import TrainingError
from tests.images.inference.server_process import WEIGHTS
from tests.images.training.training_process import Finished


def test_the_signature_is_that_of_the_shipped_weights(finished: Finished):
    def signature(path: Path) -> object:
        graph = onnx.load(path).graph
        return [(node.name, node.type) for node in (*graph.input, *graph.output)]

    assert signature(finished.base / "model" / "best.onnx") == signature(WEIGHTS)


def test_exported_weights_agree_with_those_they_come_from(finished: Finished, plans: Path):
    model = finished.base / "model"
    found = export.compare(model / "best.onnx", model / "best.pt", plans / "validation", threads=1)
    assert found.plans == 2
    assert found.box_px < 0.1
    assert found.confidence < 0.0001


@pytest.mark.parametrize("factor", [1.02, np.nan])
def test_weights_that_disagree_are_refused(finished: Finished, plans: Path, tmp_path: Path, factor: float):
    network = onnx.load(finished.base / "model" / "best.onnx")
    (last,) = [tensor for tensor in network.graph.initializer if tensor.name == "model.22.cv3.2.2.bias"]
    last.CopyFrom(numpy_helper.from_array((numpy_helper.to_array(last) * factor).astype(np.float32), last.name))
    path = tmp_path / "best.onnx"
    onnx.save(network, path)
    trained = Path(shutil.copy(finished.base / "model" / "best.pt", tmp_path))
    with pytest.raises(TrainingError, match=r"^best.onnx disagrees with best.pt on validation_0 by .* of confidence"):
        export.compare(path, trained, plans / "validation", threads=1)
