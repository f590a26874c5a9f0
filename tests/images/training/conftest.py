import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from images.training.offline import keep_offline
from tests.images.training.floor_plans import write_channels
from tests.images.training.training_process import Finished, TrainingProcess

# Ultralytics reads it when a test imports it: in any order of the tests.
keep_offline(Path(tempfile.gettempdir()))

# The other tests of this folder run in any environment of the project.
_WITH_TORCH = [
    f"test_{name}.py" for name in ("checkpoints", "distillation", "export", "resume", "run", "trainer", "weights")
]
collect_ignore = [] if importlib.util.find_spec("torch") else _WITH_TORCH


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the channels `training` (6 plans) and `validation` (2 plans), which no test changes."""
    return write_channels(tmp_path_factory.mktemp("plans"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, plans: Path) -> Finished:
    """A run of two epochs that came to its end, which no test changes."""
    base = tmp_path_factory.mktemp("finished") / "run"
    process = TrainingProcess(base, plans, epochs=2)
    exit_code = process.exit_code()
    assert exit_code == 0, process.errors
    return Finished(base=base, output=process.output)


@pytest.fixture
def start_training(tmp_path: Path, plans: Path) -> Iterator[Callable[..., TrainingProcess]]:
    """Starts a run over a folder of the test's own; it is killed after the test."""
    started: list[TrainingProcess] = []

    def start(data: Path = plans, **values: Any) -> TrainingProcess:
        started.append(TrainingProcess(tmp_path / "run", data, **values))
        return started[-1]

    yield start
    for process in started:
        process.kill()
