"""`make bulk` on AWS: what it needs before it reads a plan. Runs themselves are in tests/bulk and tests/local."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations import __main__ as operations
from program.stage_file import stages

pytestmark = pytest.mark.whole

PULUMI = f"""#!{sys.executable}
import os
print(os.environ["OUTPUTS"])
"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How the command ended, and what it said."""

    status: int
    stderr: str


Command = Callable[..., Ended]


@pytest.fixture
def bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command with nothing on PATH but, where there are outputs, a script in the place of Pulumi's CLI."""

    def run(*arguments: str, outputs: object = None) -> Ended:
        if outputs is not None:
            program = tmp_path / "pulumi"
            program.write_text(PULUMI)
            program.chmod(0o755)
        for name, value in {"PATH": str(tmp_path), "HOME": str(tmp_path), "OUTPUTS": json.dumps(outputs)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["operations", "bulk", "--out", str(tmp_path / "out"), *arguments])
        try:
            status = operations.main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Ended(status=status, stderr=capsys.readouterr().err)

    return run


def test_without_pulumis_cli_it_says_where_to_get_it(bulk: Command, tmp_path: Path) -> None:
    ended = bulk("--stage", "dev", str(tmp_path))
    assert ended.status == 1
    assert ended.stderr == ("error: pulumi is not on PATH: install it from https://www.pulumi.com/docs/install/\n")


@pytest.mark.parametrize("outputs", [{}, {"bulk": None}])
def test_a_stage_without_a_model_says_what_it_needs(bulk: Command, tmp_path: Path, outputs: object) -> None:
    ended = bulk("--stage", "dev", str(tmp_path), outputs=outputs)
    assert ended.status == 2
    assert ended.stderr == (
        "bulk: the stage has no model to process plans with: set inferenceImageDigest, or run make deploy\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_stage_that_does_not_exist_is_one_line(bulk: Command, tmp_path: Path) -> None:
    ended = bulk("--stage", "nowhere", str(tmp_path), outputs={})
    assert ended.status == 1
    assert (
        ended.stderr
        == f"error: stage 'nowhere' has no file Pulumi.nowhere.yaml: the stages are {', '.join(stages())}\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--stage", "dev"], ["--stage", "dev", "--instances", "two", "plans"]])
def test_a_wrong_command_line_is_a_usage_error(bulk: Command, arguments: list[str]) -> None:
    ended = bulk(*arguments)
    assert ended.status == 2
    assert "usage: python -m operations bulk" in ended.stderr
