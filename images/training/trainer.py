# pyright: reportMissingImports=false
# (torch is in the training environment only)
"""Ultralytics' training of YOLOv8 with this image's own data, start, checkpoints and end.

Unlike Ultralytics itself, it does not look for data sets, fonts and weights on the network, write beside the plans,
test mixed precision with a downloaded network, or validate and plot at the end.
"""

import csv
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import ultralytics.engine.trainer
import ultralytics.utils.tqdm
from ultralytics.models.yolo.detect import DetectionTrainer

from images.training import files
from images.training.checkpoints import Checkpoints
from images.training.contract import METRIC_LINES
from images.training.distillation import SelfDistillationLoss
from images.training.errors import TrainingError
from images.training.hyperparameters import Hyperparameters
from images.training.termination import Termination

CLASS_NAME = "room"

# Its test of mixed precision predicts with a network that it downloads. fp16 with loss scaling works on every CUDA
# device since Volta (compute capability 7.0), T4 of ml.g4dn included; older ones train in float32.
_LEAST_AMP_CAPABILITY = (7, 0)
_NVIDIA_DRIVER = Path("/dev/nvidiactl")
ultralytics.engine.trainer.check_amp = lambda _network: True
# Ultralytics' progress bars fill a log with control characters.
ultralytics.utils.tqdm.is_noninteractive_console = lambda: not sys.stderr.isatty()


@dataclass(frozen=True, kw_only=True)
class Plans:
    """The prepared folders of both channels."""

    training: Path
    validation: Path


class RoomTrainer(DetectionTrainer):
    """Trains a one-class network on `plans`, and keeps a checkpoint of every epoch.

    `start` is the network with the starting weights, which is also the teacher, or None for random weights; `resume` is
    a checkpoint of the same run (`Checkpoints.open`) to start from instead. `on_epoch` gets the number and the metrics
    of every epoch, by their names in the log.
    """

    def __init__(
        self,
        *,
        hyperparameters: Hyperparameters,
        plans: Plans,
        start: torch.nn.Module | None,
        resume: Mapping[str, Any] | None,
        checkpoints: Checkpoints,
        termination: Termination,
        on_epoch: Callable[[int, dict[str, float]], None],
        device: str,
        folder: Path,
    ) -> None:
        self._plans = plans
        self._architecture = hyperparameters.architecture
        self._start = start
        self._distillation = hyperparameters.distillation
        self._resume = resume
        self._checkpoints = checkpoints
        self._termination = termination
        self._on_epoch = on_epoch
        super().__init__(
            overrides={
                **hyperparameters.ultralytics_arguments(),
                "task": "detect",
                "mode": "train",
                "model": f"{self._architecture}.yaml",
                "project": str(folder.parent),
                "name": folder.name,
                "exist_ok": True,
                "device": device,
                "amp": _has_fast_half_precision(),
                "plots": False,
            }
        )
        self.add_callback("on_pretrain_routine_end", lambda _: self._distill())
        self.add_callback("on_train_batch_end", lambda _: self._end_if_asked())
        self.add_callback("on_val_batch_end", lambda _: self._end_if_asked())
        self.add_callback("on_fit_epoch_end", lambda _: self._epoch_is_over())

    def get_dataset(self) -> dict[str, Any]:
        return {
            "path": self._plans.training.parent,
            "train": str(self._plans.training / "images"),
            "val": str(self._plans.validation / "images"),
            "names": {0: CLASS_NAME},
            "nc": 1,
            "channels": 3,
        }

    def setup_model(self) -> Mapping[str, Any] | None:
        weights = self._start if self._resume is None else self._resume["network"]
        self.model = self.get_model(cfg=f"{self._architecture}.yaml", weights=weights)
        return self._resume

    def resume_training(self, ckpt: Mapping[str, Any] | None) -> None:
        if ckpt is None:
            return
        self._load_checkpoint_state(ckpt)
        self.start_epoch = ckpt["epoch"] + 1
        write_results(ckpt, self.csv)

    def _load_checkpoint_state(self, ckpt: Mapping[str, Any]) -> None:
        """Like Ultralytics, which copies the network again for its average when it recovers from NaN."""
        super()._load_checkpoint_state(ckpt)
        self.ema.ema.criterion = None

    def save_model(self) -> bool:
        super().save_model()
        if self.best_fitness == self.fitness:
            files.copy(self.best, self._checkpoints.best)
        files.copy(self.last, self._checkpoints.last)
        return True

    def final_eval(self) -> None:
        """Nothing: the exported weights are measured through the code that serves them."""

    def _distill(self) -> None:
        """Adds the teacher only now: the averaged network, which is validated and saved, was copied without it."""
        if self._distillation > 0 and self._start is not None:
            self.model.criterion = SelfDistillationLoss(self.model, self._start, self._distillation)

    def _end_if_asked(self) -> None:
        """Saves the current weights as the state after the previous epoch, so that a resumed run repeats this epoch."""
        if self._termination.is_requested:
            self.epoch -= 1
            super().save_model()
            files.copy(self.last, self._checkpoints.last)
            self._termination.check()

    def _epoch_is_over(self) -> None:
        known = {**self.label_loss_items(self.tloss), **self.metrics}
        self._on_epoch(self.epoch + 1, {name: float(known[theirs]) for name, theirs in METRIC_LINES.items()})
        self._termination.check()


def choose_device(driver: Path = _NVIDIA_DRIVER) -> str:
    """Ultralytics' name of the training device: the first GPU, or the CPU.

    Raises:
        TrainingError: there is a GPU that torch cannot use: training for days on the CPU would waste its price.
    """
    if torch.cuda.is_available():
        return "0"
    if driver.exists() and os.environ.get("CUDA_VISIBLE_DEVICES") != "":
        raise TrainingError(
            f"torch cannot use this machine's GPU: its driver may be too old for CUDA {torch.version.cuda}; "
            "set CUDA_VISIBLE_DEVICES to an empty string to train without it"
        )
    return "cpu"


def is_finished(checkpoint: Mapping[str, Any], hyperparameters: Hyperparameters) -> bool:
    """Whether a checkpoint is from after the last epoch, by number or by patience."""
    done = checkpoint["epoch"] + 1
    waited = done - checkpoint["stopper"]["best_epoch"]
    return done >= hyperparameters.epochs or (0 < hyperparameters.patience <= waited)


def write_results(checkpoint: Mapping[str, Any], path: Path) -> None:
    """Writes results.csv from a checkpoint, one row per epoch; no file before the end of the first epoch.

    An empty file would be treated as one with a header.
    """
    columns: Mapping[str, list[float]] = checkpoint["train_results"]
    if not columns:
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows([f"{value:.6g}" for value in row] for row in zip(*columns.values(), strict=True))


def _has_fast_half_precision() -> bool:
    return torch.cuda.is_available() and torch.cuda.get_device_capability() >= _LEAST_AMP_CAPABILITY
