"""A run that was killed or stopped continues from its own checkpoints, and not from another run's."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.training.training_process import Finished, TrainingProcess, results

Start = Callable[..., TrainingProcess]


def epochs(training: TrainingProcess) -> list[str]:
    return [line.split()[0] for line in training.output.splitlines() if line.startswith("epoch=")]


def test_a_killed_run_continues_to_the_same_results(start_training: Start, finished: Finished):
    killed = start_training(epochs=3)
    killed.wait_for_epoch(1)
    killed.kill()
    assert not results(killed.base)

    resumed = start_training()
    assert resumed.exit_code() == 0, resumed.errors
    assert epochs(resumed) == ["epoch=2", "epoch=3"]
    assert results(resumed.base) == results(finished.base)
    table = (resumed.base / "output" / "data" / "results.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in table[1:]] == ["1", "2", "3"]


def test_sigterm_saves_and_exits_with_success(start_training: Start):
    stopped = start_training(epochs=500)
    stopped.wait_for_epoch(1)
    stopped.terminate()
    assert stopped.exit_code() == 0
    assert stopped.last_error.startswith("stopped by SIGTERM: the next start continues from ")
    assert not (stopped.base / "output" / "failure").exists()
    done = len(epochs(stopped))

    resumed = start_training()
    resumed.wait_for_epoch(done + 1)
    assert epochs(resumed)[0] == f"epoch={done + 1}"


def test_a_second_run_in_the_folder_is_refused_while_the_first_is_running(start_training: Start):
    first = start_training(epochs=500)
    first.wait_for_epoch(1)
    second = start_training()
    assert second.exit_code() == 2
    assert second.errors == f"error: {first.base}: another run is using this folder: give this run its own\n"
    assert first.process.poll() is None
    assert not (first.base / "output" / "failure").exists()


@pytest.fixture
def checkpoints(tmp_path: Path, finished: Finished) -> Path:
    """The checkpoints of a finished run in a new run's folder."""
    return Path(shutil.copytree(finished.base / "checkpoints", tmp_path / "run" / "checkpoints"))


def test_a_run_that_was_killed_after_its_last_epoch_only_writes_its_results(
    start_training: Start, checkpoints: Path, finished: Finished
):
    training = start_training(epochs=2)
    assert training.exit_code() == 0, training.errors
    assert epochs(training) == []
    assert results(training.base) == results(finished.base)


def test_a_checkpoint_of_another_architecture_fails_the_job_with_its_reason(start_training: Start, checkpoints: Path):
    training = start_training(epochs=2, model_size="yolov8s.pt")
    assert training.exit_code() == 2
    assert training.failure.startswith(
        f"{checkpoints / 'last.pt'}: is a yolov8n network, and model_size is yolov8s: give weights of"
    )
    assert training.last_error == f"error: {training.failure}"
    assert "Traceback" not in training.errors
    assert not results(training.base)
