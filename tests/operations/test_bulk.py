"""`make bulk` on AWS: what it needs before it reads a plan. Runs themselves are in tests/bulk and tests/local."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parents[2]
PULUMI = f"""#!{sys.executable}
import os
print(os.environ["OUTPUTS"])
"""


def bulk(folder: Path, *arguments: str, outputs: object = None) -> subprocess.CompletedProcess[str]:
    """Runs the command with nothing on PATH but, where there are outputs, a script in the place of Pulumi's CLI."""
    if outputs is not None:
        program = folder / "pulumi"
        program.write_text(PULUMI)
        program.chmod(0o755)
    environment = {"PATH": str(folder), "HOME": str(folder), "OUTPUTS": json.dumps(outputs)}
    command = [sys.executable, "-m", "operations", "bulk", "--out", str(folder / "out"), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_without_pulumis_cli_it_says_where_to_get_it(tmp_path: Path) -> None:
    ended = bulk(tmp_path, "--stage", "dev", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr == ("error: pulumi is not on PATH: install it from https://www.pulumi.com/docs/install/\n")


@pytest.mark.parametrize("outputs", [{}, {"bulk": None}])
def test_a_stage_without_a_model_says_what_it_needs(tmp_path: Path, outputs: object) -> None:
    ended = bulk(tmp_path, "--stage", "dev", str(tmp_path), outputs=outputs)
    assert ended.returncode == 2
    assert ended.stderr == (
        "bulk: the stage has no model to process plans with: it needs the inference image (inferenceImageDigest)\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_stage_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    ended = bulk(tmp_path, "--stage", "nowhere", str(tmp_path), outputs={})
    assert ended.returncode == 1
    assert (
        ended.stderr
        == "error: stage 'nowhere' has no file Pulumi.nowhere.yaml: stages here are dev, local, prod, staging\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--stage", "dev"], ["--stage", "dev", "--instances", "two", "plans"]])
def test_a_command_line_that_is_wrong_is_a_usage_error(tmp_path: Path, arguments: list[str]) -> None:
    ended = bulk(tmp_path, *arguments)
    assert ended.returncode == 2
    assert "usage: python -m operations bulk" in ended.stderr
