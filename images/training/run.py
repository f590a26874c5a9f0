"""A run in the folder that SageMaker calls /opt/ml: from its inputs to weights and report, or to an error.

Results are written to the work folder and moved when they are complete, `metrics.json` last: its presence means that
the run is finished.
"""

import contextlib
import errno
import fcntl
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from blueprints.datasets import yolo
from blueprints.errors import BlueprintError
from images.inference.cores import available_cores
from images.inference.network import ModelError, sha256
from images.training import channels, files, hyperparameters
from images.training.contract import (
    METRICS_FILE,
    MOST_FAILURE_CHARACTERS,
    PACKAGED_WEIGHTS,
    PRETRAINED,
    TRAINING,
    VALIDATION,
    WEIGHTS,
    RunFolder,
)
from images.training.errors import FAILED, WRONG_INPUT, OccupiedError, TrainingError, one_line
from images.training.hyperparameters import Hyperparameters
from images.training.offline import keep_offline
from images.training.termination import Terminated, Termination

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(folder: RunFolder) -> int:
    """Trains, or resumes from the folder's checkpoints, and returns the exit code; prints how it ended.

    A failure is one line on stderr and in the failure file (unless the folder belongs to another run).
    """
    termination = Termination()
    try:
        with _lock(folder):
            _refuse_results(folder)
            try:
                folder.failure.unlink(missing_ok=True)
                # Output of libraries goes to stderr; stdout has only metrics and results.
                metrics = sys.stdout
                with contextlib.redirect_stdout(sys.stderr):
                    _train(folder, termination, metrics)
            except Exception as error:
                reason, exit_code = _reason(error)
                _write_failure(folder, reason)
                return _ended(reason, exit_code)
    except Terminated as signal:
        print(f"stopped by {signal}: the next start continues from {folder.checkpoints}", file=sys.stderr)
        return signal.exit_code
    except OccupiedError as error:
        return _ended(str(error), error.exit_code)
    except OSError as error:
        return _ended(*_reason(error))
    print(f"weights: {folder.model}: {', '.join(WEIGHTS)}\nreport:  {folder.data}")
    return 0


def _train(folder: RunFolder, termination: Termination, metrics: TextIO) -> None:
    values = hyperparameters.read(folder.hyperparameters)
    training, validation = folder.channel(TRAINING), folder.channel(VALIDATION)
    channels.check(training, validation)
    folder.checkpoints.mkdir(parents=True, exist_ok=True)
    work = files.empty_folder(folder.work)
    keep_offline(work)
    trained = _trained(folder, values, termination, metrics)
    _publish(folder, values, trained)
    files.empty_folder(work).rmdir()


def _trained(folder: RunFolder, values: Hyperparameters, termination: Termination, metrics: TextIO) -> Path:
    """Trains until the run is finished; returns the folder of its checkpoints."""
    # Imported here, because torch takes seconds: input errors are reported before that.
    from images.training import distillation, trainer, weights
    from images.training.checkpoints import Checkpoints, Identity

    sources = {name: folder.channel(name) for name in (TRAINING, VALIDATION)}
    is_distilled = values.distillation > 0
    start_path = (
        weights.starting_checkpoint(folder.channel(PRETRAINED), PACKAGED_WEIGHTS) if values.pretrained else None
    )
    identity = Identity(
        hyperparameters=values,
        plans={name: channels.fingerprint(source) for name, source in sources.items()},
        teacher=sha256(start_path) if start_path is not None and is_distilled else None,
    )
    checkpoints = Checkpoints(folder=folder.checkpoints, identity=identity)
    resume = checkpoints.open()
    if resume is not None and trainer.is_finished(resume, values):
        return folder.checkpoints
    device = trainer.choose_device()
    start = None
    if start_path is not None and (resume is None or is_distilled):
        start = weights.starting_network(start_path, values.architecture)
        if is_distilled:
            distillation.check_teacher(start)
    prepared = channels.prepare(sources, folder.work / "plans", values.img_size, available_cores())

    def print_metrics(epoch: int, figures: dict[str, float]) -> None:
        line = " ".join(f"{name}={value:.6g}" for name, value in figures.items())
        print(f"epoch={epoch} {line}", file=metrics, flush=True)

    with termination.deferred():
        trainer.RoomTrainer(
            hyperparameters=values,
            plans=trainer.Plans(training=prepared[TRAINING], validation=prepared[VALIDATION]),
            start=start,
            resume=resume,
            checkpoints=checkpoints,
            termination=termination,
            on_epoch=print_metrics,
            device=device,
            folder=folder.work / "ultralytics",
        ).train()
    return folder.checkpoints


def _publish(folder: RunFolder, values: Hyperparameters, trained: Path) -> None:
    from images.training import export, quantization, report, trainer, weights

    model, data = (files.empty_folder(folder.work / name) for name in ("model", "data"))
    for name in ("best.pt", "last.pt"):
        weights.publish(trained / name, model / name, values.architecture)
    exported = export.export(model / "best.pt")
    validation, threads = folder.channel(VALIDATION), available_cores()
    agreement = export.compare(exported, model / "best.pt", validation, threads)
    last = weights.load(trained / "last.pt")[1]
    trainer.write_results(last, data / report.RESULTS_TABLE)
    figures = report.write(data, model=exported, validation=validation, threads=threads)
    plans = [plan.image for plan in yolo.plans(folder.channel(TRAINING))]
    figures["map50_95_by_precision"] = quantization.quantize(exported, plans, validation, threads)
    figures["training"] = {
        "epochs": last["epoch"] + 1,
        "hyperparameters": values.model_dump(),
        "agreement_with_pytorch": agreement.as_json(),
    }
    for source, target in ((model, folder.model), (data, folder.data)):
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.iterdir()):
            files.copy(path, target / path.name)
    files.write(folder.data / METRICS_FILE, (json.dumps(figures, indent=2) + "\n").encode())


@contextlib.contextmanager
def _lock(folder: RunFolder) -> Iterator[None]:
    """Keeps a second run out of the folder. The lock ends with this process, however it ends; workers have none."""
    folder.lock.parent.mkdir(parents=True, exist_ok=True)
    with folder.lock.open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OccupiedError(f"{folder.base}: another run is using this folder: give this run its own") from error
        yield


def _refuse_results(folder: RunFolder) -> None:
    """Refuses a folder with results of a finished run; those of a run that was killed while moving them are allowed."""
    if (folder.data / METRICS_FILE).exists():
        raise OccupiedError(f"{folder.base}: has the results of a finished run: give this run its own folder")
    if any(folder.checkpoints.glob("*.pt")):
        return
    for results in (folder.model, folder.data):
        if results.is_dir() and any(results.iterdir()):
            raise OccupiedError(f"{results}: has files that are not from a run: give the run its own folder")


def _reason(error: Exception) -> tuple[str, int]:
    """One line with the reason, and the exit code."""
    match error:
        case TrainingError():
            return one_line(error), error.exit_code
        case BlueprintError():
            return one_line(error), WRONG_INPUT
        case ModelError():
            return one_line(error), FAILED
        case OSError() if error.strerror:
            hint = ": free disk space or add some" if error.errno in _NO_SPACE else ""
            return f"{error.filename or 'a file of the run'}: {error.strerror}{hint}", FAILED
        case MemoryError():
            return "out of memory: lower batch_size or img_size, or use a larger machine", FAILED
        case _:
            traceback.print_exception(error)
            return f"training failed: {one_line(error)}", FAILED


def _write_failure(folder: RunFolder, reason: str) -> None:
    with contextlib.suppress(OSError):  # if the disk is full, only the log has the reason
        folder.failure.write_text(reason[:MOST_FAILURE_CHARACTERS], encoding="utf-8")


def _ended(reason: str, exit_code: int) -> int:
    print(f"error: {reason}", file=sys.stderr)
    return exit_code
