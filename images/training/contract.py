"""SageMaker's training contract: every path and variable, and what this image reads and writes there, in one place.

Sources, in the SageMaker developer guide: "How Amazon SageMaker AI Runs Your Training Image", "How Amazon SageMaker AI
Processes Training Output" (paths, hyperparameters as strings, 1,024 characters of the failure file), and for SIGTERM,
with 120 s until the end, StopTrainingJob of the API reference.
"""

from dataclasses import dataclass
from pathlib import Path

TRAIN_COMMAND = "train"

# SageMaker's own training toolkit has this variable; runs outside a container set it.
BASE_VARIABLE = "SAGEMAKER_BASE_DIR"
DEFAULT_BASE = "/opt/ml"

TRAINING = "training"
VALIDATION = "validation"
PRETRAINED = "pretrained"

MOST_FAILURE_CHARACTERS = 1024

BEST_CHECKPOINT = "best.pt"
LAST_CHECKPOINT = "last.pt"
WEIGHTS = ("best.pt", "last.pt", "best.onnx", "best.int8.xml", "best.int8.bin")
METRICS_FILE = "metrics.json"

# Printed as name=value after every epoch; the training job's metric definitions read them from the log.
METRIC_LINES = {
    "train:box_loss": "train/box_loss",
    "train:cls_loss": "train/cls_loss",
    "train:dfl_loss": "train/dfl_loss",
    "validation:precision": "metrics/precision(B)",
    "validation:recall": "metrics/recall(B)",
    "validation:mAP50": "metrics/mAP50(B)",
    "validation:mAP50-95": "metrics/mAP50-95(B)",
}
"""Each metric's name in the log, and Ultralytics' name of it."""

PACKAGED_WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "best.pt"
"""The starting weights with `pretrained` if no channel has any."""


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """The folder that SageMaker calls /opt/ml, at `base`."""

    base: Path

    @property
    def hyperparameters(self) -> Path:
        return self.base / "input" / "config" / "hyperparameters.json"

    def channel(self, name: str) -> Path:
        """A channel's folder, with links resolved, so that messages name the user's own files."""
        return (self.base / "input" / "data" / name).resolve()

    @property
    def checkpoints(self) -> Path:
        return self.base / "checkpoints"

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def data(self) -> Path:
        """The folder that SageMaker uploads as output.tar.gz."""
        return self.base / "output" / "data"

    @property
    def failure(self) -> Path:
        return self.base / "output" / "failure"

    @property
    def lock(self) -> Path:
        return self.base / "output" / "lock"

    @property
    def work(self) -> Path:
        """Temporary files of a run: created again at every start, removed when the results are complete."""
        return self.base / "output" / "work"
