"""Compares newly trained weights with the deployed ones, as a SageMaker Processing job in the training image.

Run as `python -m images.training.comparison`. Both models run in the serving code, on the plans of the validation
channel; the result is one JSON object, `{"better", "reason", "candidate", "deployed"}`, the last two with the metrics
of `blueprints.scoring.detection_metrics.DetectionMetrics`.
"""

import argparse
import contextlib
import gzip
import json
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from blueprints.errors import BlueprintError
from blueprints.scoring.detection_metrics import DetectionMetrics, measure
from images.inference import settings
from images.inference.cores import available_cores
from images.inference.network import ModelError
from images.training.scoring import score_folder

# Where SageMaker puts a job's inputs and takes its results is the job's request; the message is SageMaker's: "Save and
# Access Metadata Information About Your Processing Job" in its developer guide.
INPUT = Path("/opt/ml/processing/input")
OUTPUT = Path("/opt/ml/processing/output")
MESSAGE = Path("/opt/ml/output/message")
LONGEST_MESSAGE_BYTES = 1024

ARCHIVE = "model.tar.gz"
MODEL_FILE = "best.onnx"
RESULT = "comparison.json"
DEFAULT_MARGIN = 0.0
DEFAULT_TOLERANCE = 0.01
WRONG_INPUT = 2
REPORTED_PLANS = 50


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule for a better candidate.

    Its mAP50-95 is higher, by at least `margin`, and at the confidence threshold neither its precision nor its recall
    is lower by more than `tolerance`. mAP is an average over all thresholds, but only one is served: a model may rank
    its boxes better and still answer worse until its threshold is adjusted.
    """

    margin: float
    tolerance: float

    def decide(self, candidate: DetectionMetrics, deployed: DetectionMetrics) -> tuple[bool, str]:
        """Whether the candidate is better, and a sentence with the reason; both were measured on the same rooms."""
        gain = _known(candidate.map50_95) - _known(deployed.map50_95)
        change = f"mAP50-95 {_known(deployed.map50_95):.4f} -> {_known(candidate.map50_95):.4f}"
        if gain <= 0:
            return False, f"{change}: must be higher"
        if gain < self.margin:
            return False, f"{change}: must be higher by {self.margin:g} or more"
        for name in ("precision", "recall"):
            before, after = _known(getattr(deployed, name)), _known(getattr(candidate, name))
            if before - after > self.tolerance:
                loss = f"{name} {before:.4f} -> {after:.4f} at confidence {candidate.confidence_threshold:g}"
                return False, f"{change}, but {loss}: must not be lower by more than {self.tolerance:g}"
        return True, change


class _Parser(argparse.ArgumentParser):
    """An argparse parser with one-line errors."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str]) -> int:
    """Compares, and returns the exit code: 0 whichever is better; 2 for wrong usage or input, with one line on stderr.

    That line is also the job's ExitMessage.
    """
    options = _parser().parse_args(arguments)
    try:
        result = compare(options)
        _write(options.output, result)
    except (BlueprintError, ModelError) as error:
        return _failed(str(error), options.message)
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}" if error.filename else str(error), options.message)
    print(json.dumps({"better": result["better"], "reason": result["reason"]}))
    return 0


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """The result for the parsed command line.

    Raises:
        BlueprintError: an archive or the validation channel is invalid.
        ModelError: weights that cannot be served; it names the folder of the model.
    """
    candidate, deployed = (_measure(options, name) for name in ("candidate", "deployed"))
    rule = Rule(margin=options.margin, tolerance=options.tolerance)
    better, reason = rule.decide(candidate, deployed)
    return {"better": better, "reason": reason, "candidate": candidate.as_json(), "deployed": deployed.as_json()}


def unpack_model(archive: Path, folder: Path) -> Path:
    """Unpacks MODEL_FILE, and nothing else, from a `model.tar.gz` into a folder and returns its path there.

    Raises:
        BlueprintError: the archive is missing, unreadable, or has no regular file of that name.
    """
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for member in opened:
                if member.name.removeprefix("./") == MODEL_FILE and member.isfile():
                    opened.extract(member, folder, filter="data")
                    return folder / MODEL_FILE
    except FileNotFoundError as error:
        raise BlueprintError(f"{archive}: is missing: give the job the model's archive as this input") from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BlueprintError(f"{archive}: is not a complete .tar.gz archive: {error}") from error
    raise BlueprintError(f"{archive}: has no file {MODEL_FILE}: give an archive of a training run or of the stack")


def _measure(options: argparse.Namespace, name: str) -> DetectionMetrics:
    validation = options.input / "validation"
    with tempfile.TemporaryDirectory() as folder:
        model = unpack_model(options.input / name / ARCHIVE, Path(folder))
        try:
            plans = score_folder(
                model,
                validation,
                threads=available_cores(),
                iou_threshold=options.iou,
                progress=lambda done, total: _report(name, done, total),
            )
        except ModelError as error:
            # The weights' own path is a temporary one.
            raise ModelError(f"{options.input / name / ARCHIVE}: {str(error).replace(f'{folder}/', '')}") from error
    metrics = measure(plans, confidence_threshold=options.confidence)
    if not metrics.rooms:
        raise BlueprintError(f"{validation}: none of its {metrics.plans} plans has a room: there is nothing to compare")
    return metrics


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m images.training.comparison", description=__doc__)
    parser.add_argument(
        "--input",
        type=Path,
        default=INPUT,
        metavar="DIR",
        help=f"candidate/{ARCHIVE}, deployed/{ARCHIVE}, validation/ in YOLO format (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR", help=f"folder for {RESULT} (default: %(default)s)"
    )
    parser.add_argument(
        "--message", type=Path, default=MESSAGE, metavar="FILE", help="why it failed, if it does (default: %(default)s)"
    )
    for name, default, text in (
        ("--margin", DEFAULT_MARGIN, "smallest gain of mAP50-95 that counts as better"),
        ("--tolerance", DEFAULT_TOLERANCE, "largest accepted loss of precision or recall"),
        ("--confidence", settings.DEFAULT_CONFIDENCE_THRESHOLD, "threshold of the rooms served"),
        ("--iou", settings.DEFAULT_IOU_THRESHOLD, "threshold of suppression"),
    ):
        parser.add_argument(name, type=_fraction, default=default, help=f"{text}, 0 to 1 (default: %(default)s)")
    return parser


def _fraction(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed: must be a number from 0 to 1")
    return value


def _known(figure: float | None) -> float:
    """A precision without predictions counts as 0."""
    return figure or 0.0


def _report(name: str, done: int, total: int) -> None:
    if done % REPORTED_PLANS == 0 or done == total:
        print(f"{name}: {done} of {total} plans", file=sys.stderr, flush=True)


def _write(folder: Path, result: dict[str, Any]) -> None:
    """Writes the result; the file gets its name only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{RESULT}"
    partial.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / RESULT)


def _failed(message: str, path: Path) -> int:
    line = f"comparison: {' '.join(message.split())}"
    print(line, file=sys.stderr)
    with contextlib.suppress(OSError):  # outside SageMaker, this folder may not exist, and the line has been printed
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line.encode()[:LONGEST_MESSAGE_BYTES].decode(errors="ignore"), encoding="utf-8")
    return WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
