"""How the suite is spread over processes, and which of its tests start something."""

from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from console.command import collect_garbage_seldom

collect_garbage_seldom()

_read = cache(JSONFileLoader().load_file)


def _load_file(self: JSONFileLoader, file_path: str) -> Any:
    return _read(file_path)


# moto gives each test a new session, which would read AWS's descriptions of its APIs again: once a process here.
JSONFileLoader.load_file = _load_file

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
