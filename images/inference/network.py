"""The network: from a file of weights to a forward pass on this machine's CPU.

OpenVINO runs it, in float32 from the ONNX file or in int8 from the quantised copy beside it (`best.int8.xml` and
`.bin` beside `best.onnx`). Measured by `make bench`: on a CPU with AVX2, int8 takes about two thirds of float32's
time; with VNNI, which multiplies bytes in one instruction, it is even faster.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol, cast

import numpy as np
import openvino
from openvino.frontend import FrontEndManager
from openvino.preprocess import PrePostProcessor

from images.inference import letterbox
from images.inference.settings import Precision

# In a quantised file: the hash of the ONNX file that it was made from.
SOURCE_SHA256_KEY = ["room_detection", "source_sha256"]
# And its loss of mAP50-95 on the validation plans.
LOSS_KEY = ["room_detection", "map50_95_loss"]
MOST_LOSS = 0.005
"""int8 weights that lose more mAP50-95 are not chosen."""

_INPUT = "float32 [*, 3, *, *]"
_OUTPUT = "float32 [*, 5, *]"  # x_center, y_center, width, height, confidence of the one class
_CPU = "CPU"
_INT8_CAPABILITY = "INT8"
# In each stream, OpenVINO caches what it prepares for each input shape, 5000 entries by default. Measured with the
# shipped int8 weights after all 39 shapes, three times: 312 MB with this limit instead of 456. Sending all shapes in
# turn costs CPU time to prepare them again.
_PREPARED_ENTRIES = 1000


class ModelError(Exception):
    """Weights that cannot be served; the message is one line that names the file."""


class Network(Protocol):
    """The forward pass: RGB uint8 [1, height, width, 3], sides multiples of 32, to float32 [1, 5, anchors]."""

    def __call__(self, pixels: np.ndarray, /) -> np.ndarray: ...


def quantized_path(path: Path) -> Path:
    """The path of the int8 copy of ONNX weights: `best.int8.xml` for `best.onnx`."""
    return path.with_suffix(".int8.xml")


def choose_precision(path: Path) -> tuple[Precision, str]:
    """Returns the faster precision that this CPU and the files support, and the reason, for the log."""
    if _INT8_CAPABILITY not in openvino.Core().get_property(_CPU, "OPTIMIZATION_CAPABILITIES"):
        return "float32", "the processor has no fast int8 instructions"
    quantized = quantized_path(path)
    if not path.is_file():
        return "float32", f"there is no {path.name}"
    if not quantized.is_file():
        return "float32", f"there is no {quantized.name}"
    try:
        model = _read(quantized)
        _check_source(model, quantized, path)
    except ModelError as error:
        return "float32", str(error)
    # Without a figure, the loss is unknown.
    loss = float(model.get_rt_info(LOSS_KEY).astype(str)) if model.has_rt_info(LOSS_KEY) else float("inf")
    if not loss <= MOST_LOSS:
        return "float32", f"{quantized.name} loses {loss:g} of mAP50-95, more than the {MOST_LOSS:g} allowed"
    return "int8", "the processor and the weights support it"


def load_network(path: Path, *, threads: int, precision: Precision = "float32", streams: int = 1) -> Network:
    """Loads one-class YOLOv8 weights for inputs of any size and returns their forward pass on `threads` cores.

    The forward pass may be called from several threads; `streams` calls run at once, each on its share of the cores.

    Raises:
        ModelError: no file, not ONNX, not one image as input and one [1, 5, anchors] as output; for int8, no quantised
            copy of exactly this file.
    """
    if not path.is_file():
        raise ModelError(f"cannot load the model {path}: no such file")
    source = path
    if precision == "int8":
        source = quantized_path(path)
        if not source.is_file():
            raise ModelError(f"cannot load the model {source}: no such file; without it, serve in float32")
    model = _read(source)
    if precision == "int8":
        _check_source(model, source, path)
    _check_signature(model, source)
    compiled = _compile(model, source, threads, streams)
    free: SimpleQueue[openvino.InferRequest] = SimpleQueue()
    for _ in range(streams):
        free.put(compiled.create_infer_request())
    return _forward(free)


def warm_up(network: Network, path: Path) -> None:
    """Runs `network` once on an empty plan, so that the first request does not have to wait for preparations.

    Raises:
        ModelError: the forward pass fails; `path` names the file.
    """
    side = letterbox.LONGEST_SIDE_PX // 2  # this prepares one shape; the first request of every other shape still waits
    try:
        network(np.full((1, side, side, 3), 255, dtype=np.uint8))
    except Exception as error:
        raise ModelError(f"cannot serve the model {path}: its forward pass fails ({_first_line(error)})") from error


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _forward(free: SimpleQueue[openvino.InferRequest]) -> Callable[[np.ndarray], np.ndarray]:
    def run(pixels: np.ndarray) -> np.ndarray:
        request = free.get()
        try:
            return cast("np.ndarray", request.infer([pixels], share_inputs=True)[0])
        finally:
            free.put(request)

    return run


def _read(path: Path) -> openvino.Model:
    # Named, because OpenVINO otherwise tries every format it knows, and some of its readers write to stderr.
    reader = FrontEndManager().load_by_framework("ir" if path.suffix == ".xml" else "onnx")
    try:
        return reader.convert(reader.load(path))
    except Exception as error:  # OpenVINO raises RuntimeError and, for some broken files, other errors of its parsers
        raise ModelError(f"cannot load the model {path}: not a valid model file ({_first_line(error)})") from error


def _check_source(model: openvino.Model, quantized: Path, path: Path) -> None:
    made_from = str(model.get_rt_info(SOURCE_SHA256_KEY).astype(str)) if model.has_rt_info(SOURCE_SHA256_KEY) else ""
    if made_from != sha256(path):
        raise ModelError(
            f"cannot serve the model {quantized}: it was not made from this {path.name}; quantise it again, or serve "
            "in float32"
        )


def _check_signature(model: openvino.Model, path: Path) -> None:
    for what, nodes, expected in (("input", model.inputs, _INPUT), ("output", model.outputs, _OUTPUT)):
        if (found := _signatures(nodes)) != expected:
            one_class = " (one class)" if what == "output" else ""
            raise ModelError(f"cannot serve the model {path}: its {what} is {found}, must be {expected}{one_class}")


def _compile(model: openvino.Model, path: Path, threads: int, streams: int) -> openvino.CompiledModel:
    try:
        return openvino.Core().compile_model(
            _with_pixels_in(model),
            _CPU,
            {
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": streams,
                # Pinning would put several servers on one machine on the same cores.
                "ENABLE_CPU_PINNING": False,
                "CPU_RUNTIME_CACHE_CAPACITY": _PREPARED_ENTRIES,
                # float32 means float32, even if the CPU supports bfloat16.
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
    except Exception as error:
        raise ModelError(f"cannot load the model {path}: {_first_line(error)}") from error


def _with_pixels_in(model: openvino.Model) -> openvino.Model:
    """The model with uint8 pixels as its input; converting layout and scale becomes part of the network."""
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).scale(255.0)
    return steps.build()


def _signatures(nodes: Sequence[openvino.Output]) -> str:
    return " and ".join(_signature(node) for node in nodes) or "nothing"


def _signature(node: openvino.Output) -> str:
    """Type and shape, with `*` for any size: `float32 [*, 3, *, *]`. A fixed batch of one counts as `*`."""
    sizes = [str(size.get_length()) if size.is_static else "*" for size in node.partial_shape]
    if sizes and sizes[0] == "1":
        sizes[0] = "*"
    # Not `to_dtype`, which deadlocks when two threads are the first to call it.
    name = node.element_type.get_type_name()
    return f"{'float32' if name == 'f32' else name} [{', '.join(sizes)}]"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
