"""The checkpoints of a run, from which a killed run resumes, in the folder that SageMaker synchronises with S3.

`last.pt` is the state after the last epoch, `best.pt` the one with the best mAP50-95 so far, `run.json` the identity of
the run: a run resumes only from its own checkpoints. Each file is replaced atomically. `best.pt` is written before
`last.pt`: a run that is killed between the two repeats the epoch, and from the second epoch on it has to beat the
existing best.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from images.training import files, weights
from images.training.contract import BEST_CHECKPOINT, LAST_CHECKPOINT
from images.training.errors import InputError
from images.training.hyperparameters import Hyperparameters

_RUN_FILE = "run.json"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The identity of a run: a different run must not resume from its checkpoints."""

    hyperparameters: Hyperparameters
    plans: dict[str, str]
    """Each channel's fingerprint."""
    teacher: str | None = None
    """The SHA-256 of the starting weights, if distillation is on."""

    def as_json(self) -> dict[str, Any]:
        return {
            "hyperparameters": self.hyperparameters.model_dump(),
            "plans": self.plans,
            "teacher": self.teacher,
        }


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """The checkpoints in an existing `folder`."""

    folder: Path
    identity: Identity

    @property
    def best(self) -> Path:
        return self.folder / BEST_CHECKPOINT

    @property
    def last(self) -> Path:
        return self.folder / LAST_CHECKPOINT

    def open(self) -> dict[str, Any] | None:
        """Returns the checkpoint to resume from, with Ultralytics' keys; or None, and marks the folder as this run's.

        Raises:
            InputError: the checkpoints are of another run or architecture, or cannot be read.
        """
        files.remove_unfinished(self.folder)
        if not self.last.exists():
            if self.best.exists():
                self._check_identity(self.best)
            files.write(self.folder / _RUN_FILE, json.dumps(self.identity.as_json(), indent=2).encode())
            return None
        network, checkpoint = weights.load(self.last)
        weights.check_architecture(network, self.last, self.identity.hyperparameters.architecture)
        self._check_identity(self.last)
        if self.best.exists():
            best = weights.load(self.best)[1]
            checkpoint["best_fitness"] = best["train_metrics"]["fitness"]
        return {**checkpoint, "network": network}

    def _check_identity(self, checkpoint: Path) -> None:
        try:
            there = json.loads((self.folder / _RUN_FILE).read_text(encoding="utf-8"))
            # A run that began before a hyperparameter was added had its default.
            hyperparameters = Hyperparameters().model_dump() | there["hyperparameters"]
            plans, teacher = there["plans"], there.get("teacher")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{checkpoint}: is not a checkpoint of this run: {_RUN_FILE} beside it cannot be read:  "
                "give the run its own folder, or the checkpoint in the channel pretrained"
            ) from error
        ours = self.identity.as_json()
        differences = [
            f"{name} {hyperparameters.get(name)}, here {value}"
            for name, value in ours["hyperparameters"].items()
            if hyperparameters.get(name) != value
        ] + [f"other plans in {name}" for name, value in ours["plans"].items() if plans.get(name) != value]
        if teacher != ours["teacher"]:
            differences.append("other starting weights")
        if differences:
            raise InputError(
                f"{checkpoint}: is the checkpoint of another run ({'; '.join(differences)}): "
                "use the settings that it was started with, or give this run its own folder"
            )
