import shutil
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import openvino
import pytest

from images.inference import detection, letterbox, network
from images.inference.answer_rooms import Room, format_rooms
from images.inference.network import ModelError, Network, choose_precision, load_network, warm_up
from tests.images.inference.onnx_files import Shape, constant_model, identity_model
from tests.images.inference.plans import PLAN, are_rooms_of_the_plan
from tests.images.inference.server_process import WEIGHTS

pytestmark = pytest.mark.whole

MACHINE_PATHS = (b"/tmp/", b"/home/", b"/Users/", b"/usr/", b"/opt/", b"/mnt/")
BOX = letterbox.fit(*PLAN.size)
PIXELS = letterbox.to_input(PLAN, BOX)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the shipped weights, both precisions, to be spoilt."""
    for path in WEIGHTS.parent.glob("best.*[xnb][xmni]*"):
        shutil.copy(path, tmp_path)
    return tmp_path / WEIGHTS.name


def rooms_of(output: np.ndarray) -> list[Room]:
    found = detection.select(output, BOX, confidence_threshold=0.25, iou_threshold=0.45)
    return format_rooms(found.boxes, found.confidences)


def without_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a processor that has no fast int8."""
    monkeypatch.setattr(openvino.Core, "get_property", lambda *_arguments: ["FP32", "BIN"])


def test_the_forward_pass_matches_that_of_another_engine(network: Network) -> None:
    session = onnxruntime.InferenceSession(str(WEIGHTS), providers=["CPUExecutionProvider"])
    planar = np.ascontiguousarray(PIXELS.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)
    theirs = session.run(None, {"images": planar})[0]
    ours = network(PIXELS)
    assert ours.dtype == np.float32
    assert ours == pytest.approx(np.asarray(theirs), abs=0.01)


@pytest.mark.parametrize("streams", [1, 2])
def test_int8_finds_what_float32_finds(network: Network, streams: int) -> None:
    exact = network(PIXELS)
    fast = load_network(WEIGHTS, threads=2, precision="int8", streams=streams)(PIXELS)
    assert (fast != exact).any(), "these are the same weights"
    exact_rooms, fast_rooms = ([room["bounding_box"] for room in rooms_of(output)] for output in (exact, fast))
    assert are_rooms_of_the_plan(exact_rooms)
    assert are_rooms_of_the_plan(fast_rooms)


def test_int8_is_chosen_if_processor_and_weights_support_it() -> None:
    assert choose_precision(WEIGHTS)[0] == "int8"


def test_float32_is_chosen_if_the_processor_has_no_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    without_int8(monkeypatch)
    assert choose_precision(WEIGHTS) == ("float32", "the processor has no fast int8 instructions")


def test_float32_is_chosen_if_there_is_no_quantised_copy(weights: Path) -> None:
    network.quantized_path(weights).unlink()
    assert choose_precision(weights) == ("float32", "there is no best.int8.xml")


def test_float32_is_chosen_if_the_weights_of_the_copy_are_missing(weights: Path) -> None:
    weights.unlink()
    assert choose_precision(weights) == ("float32", "there is no best.onnx")


def test_an_incomplete_quantised_copy_is_not_chosen(weights: Path) -> None:
    network.quantized_path(weights).with_suffix(".bin").unlink()
    precision, reason = choose_precision(weights)
    assert (precision, "not a valid model file" in reason) == ("float32", True)
    assert len(reason.splitlines()) == 1


def test_a_quantised_copy_of_other_weights_is_not_served(weights: Path) -> None:
    weights.write_bytes(constant_model([[320, 320, 100, 100, 0.9]]))
    precision, reason = choose_precision(weights)
    assert (precision, "not made from this best.onnx" in reason) == ("float32", True)
    with pytest.raises(ModelError, match=r"best\.int8\.xml: it was not made from this best\.onnx"):
        load_network(weights, threads=1, precision="int8")


def test_a_broken_quantised_copy_is_not_chosen_and_named(weights: Path) -> None:
    network.quantized_path(weights).write_text("<net")
    assert choose_precision(weights)[0] == "float32"
    with pytest.raises(ModelError, match=r"cannot load the model .*best\.int8\.xml: not a valid model file"):
        load_network(weights, threads=1, precision="int8")


def test_int8_without_a_quantised_copy_is_refused(weights: Path) -> None:
    network.quantized_path(weights).unlink()
    with pytest.raises(ModelError, match=r"best\.int8\.xml: no such file; without it, serve in float32"):
        load_network(weights, threads=1, precision="int8")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"^cannot load the model {tmp_path}/best.onnx: no such file$"):
        load_network(tmp_path / "best.onnx", threads=1)


@pytest.mark.parametrize("content", [b"", b"not a model", WEIGHTS.read_bytes()[:100_000]], ids=["empty", "text", "cut"])
def test_a_file_that_is_not_onnx_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "best.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"not a valid model file|its input is nothing") as raised:
        warm_up(load_network(path, threads=1), path)
    assert str(path) in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((1, 1, "height", "width"), r"its input is float32 \[\*, 1, \*, \*\], must be"),
        ((1, 3, 640, 640), r"its input is float32 \[\*, 3, 640, 640\], must be"),
        (("batch", 3, "height", "width"), r"its output is float32 \[\*, 3, \*, \*\], must be .* \(one class\)"),
    ],
)
def test_a_model_with_other_inputs_or_outputs_is_refused(tmp_path: Path, shape: Shape, problem: str) -> None:
    path = tmp_path / "best.onnx"
    path.write_bytes(identity_model(shape))
    with pytest.raises(ModelError, match=problem) as raised:
        load_network(path, threads=1)
    assert str(path) in str(raised.value)


def test_the_shipped_weights_know_one_class_and_no_machine() -> None:
    session = onnxruntime.InferenceSession(str(WEIGHTS), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["names"] == "{0: 'room'}"
    with zipfile.ZipFile(WEIGHTS.with_suffix(".pt")) as checkpoint:
        pickle = next(checkpoint.read(name) for name in checkpoint.namelist() if name.endswith("/data.pkl"))
    for content in (WEIGHTS.read_bytes(), network.quantized_path(WEIGHTS).read_bytes(), pickle):
        assert not [path for path in MACHINE_PATHS if path in content]
