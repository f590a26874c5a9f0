# pyright: reportMissingImports=false
# (nncf is in the training environment only)
"""The int8 copy of the ONNX weights, which CPUs run faster, and its loss of accuracy.

Post-training quantisation by NNCF with OpenVINO: weights and activations of every convolution in 8 bits, with scales
from activations on training plans. Everything after the last convolutions, boxes and confidences, stays float32. The
first convolution's weights use 7 of their 8 bits: a CPU without VNNI adds two products in 16 bits, which could
overflow. For the other layers, the measurement on the training machine's CPU shows whether this costs accuracy.
"""

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nncf
import numpy as np
import openvino
from nncf.quantization.advanced_parameters import AdvancedQuantizationParameters, OverflowFix
from openvino._offline_transformations import apply_moc_transformations

from blueprints.scoring.detection_metrics import measure
from images.inference import decoding, detector, network
from images.inference import settings as serving
from images.inference.settings import Precision
from images.training import files, progress
from images.training.errors import TrainingError, one_line
from images.training.scoring import score_folder

CALIBRATION_PLANS = 200
"""Number of plans, spread over the training channel, for calibrating the ranges of the activations."""
# Ultralytics numbers the modules of a YOLOv8 of any size alike: 22 is the head, cv2 and cv3 are its convolutions.
_BEHIND_THE_CONVOLUTIONS = r".*/model\.22/(?!cv[23]).*"


def quantize(exported: Path, plans: Sequence[Path], validation: Path, threads: int) -> dict[str, float | None]:
    """Writes `best.int8.xml` and `best.int8.bin` beside `best.onnx`. The first states the weights that it was made from
    and the loss of mAP50-95 on the validation plans; the server uses both to choose the precision.

    Args:
        plans: images for calibration; at most CALIBRATION_PLANS are read.
        validation: a YOLO folder.

    Returns:
        mAP50-95 in `float32` and in `int8`; None if no plan has a room.
    """
    logging.getLogger("nncf").setLevel(logging.WARNING)
    target = network.quantized_path(exported)
    model = openvino.Core().read_model(exported)
    # Fuses x * sigmoid(x) to one operation, as loading does, but before quantisers are inserted between the two.
    apply_moc_transformations(model, cf=False)
    chosen = plans[:: -(-len(plans) // CALIBRATION_PLANS)]
    quantized = nncf.quantize(
        model,
        nncf.Dataset(chosen, _network_input),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(chosen),
        # Slower than NNCF's default, but int8 loses less: 0.0024 mAP50-95 instead of 0.0040 with earlier weights.
        fast_bias_correction=False,
        ignored_scope=nncf.IgnoredScope(patterns=[_BEHIND_THE_CONVOLUTIONS], validate=False),
        advanced_parameters=AdvancedQuantizationParameters(overflow_fix=OverflowFix.FIRST_LAYER),
    )
    quantized.set_rt_info(network.sha256(exported), network.SOURCE_SHA256_KEY)
    _save(quantized, target)
    figures = {
        "float32": _map50_95(exported, validation, "float32", threads),
        "int8": _map50_95(exported, validation, "int8", threads),
    }
    loss = (figures["float32"] or 0.0) - (figures["int8"] or 0.0)
    quantized.set_rt_info(f"{loss:.4f}", network.LOSS_KEY)
    _save(quantized, target)
    return figures


def _save(model: openvino.Model, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        try:
            openvino.save_model(model, Path(folder) / target.name, compress_to_fp16=False)
        except RuntimeError as error:  # of a stream: it does not say why
            raise TrainingError(
                f"{target}: cannot be written ({one_line(error)[:200]}): free disk space or add some"
            ) from error
        for path in sorted(Path(folder).iterdir()):
            files.copy(path, target.parent / path.name)


def _map50_95(exported: Path, validation: Path, precision: Precision, threads: int) -> float | None:
    scored = score_folder(
        exported,
        validation,
        threads=threads,
        iou_threshold=serving.DEFAULT_IOU_THRESHOLD,
        precision=precision,
        progress=progress.lines(f"measuring {precision} on validation plans"),
    )
    return measure(scored, confidence_threshold=serving.DEFAULT_CONFIDENCE_THRESHOLD).map50_95


def _network_input(path: Path) -> np.ndarray:
    """A plan as float32 [1, 3, height, width], 0..1, the input of the original weights."""
    pixels = detector.prepare(decoding.open_image(path.read_bytes())).pixels
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)
