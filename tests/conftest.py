"""How the suite is spread over processes, and which of its tests start something."""

import gc
import importlib.util
from pathlib import Path

import pytest

from console.command import collect_garbage_seldom

collect_garbage_seldom()

if importlib.util.find_spec("botocore"):  # .venv-training has none
    from tests.moto_clients import read_api_descriptions_once

    read_api_descriptions_once()

# Stages that take seconds to deploy, each with the process that its tests go to, whatever file they are in. Those of
# each kind of inference are compared with each other.
STAGES = {
    "stack": "stages",
    "serverless_stack": "stages",
    "lambda_stack": "stages",
    "served": "stages",
    "small_stack": "small stage",
}
# A test that uses one of these is one of a whole: it calls a stage, a server or a command that was started for it.
STARTED = {*STAGES, "_aws_server", "other_server", "run_process", "server", "start_server"}
# How a file says that all of its tests are such.
ALL_WHOLE = "\npytestmark = pytest.mark.whole\n"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without tests of a whole, files that have no others are not imported: that takes most of their time."""
    wanted = str(config.getoption("markexpr"))
    if "not whole" in wanted and collection_path.suffix == ".py" and ALL_WHOLE in collection_path.read_text():
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Gives `pytest -n 2 --dist loadgroup` its groups: a file, or all files that share a deployed stage.

    What takes longest goes first, so that no process waits for the other at the end.
    """
    grouped = config.getoption("loadgroup", default=False)
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & STARTED:
            item.add_marker("whole")
        stages = {group for name, group in STAGES.items() if name in fixtures}
        group = min(stages, default=item.nodeid.partition("::")[0])
        if grouped:
            # As pytest-xdist 3.8 does for its mark `xdist_group`, in a place where pytest 9.2 looks no more.
            item._id = type(item.id).parse(f"{item.nodeid}@{group}")
    items.sort(key=lambda item: item.get_closest_marker("whole") is None)


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not go through it, each time for a second, at the end too."""
    gc.collect()
    gc.freeze()
