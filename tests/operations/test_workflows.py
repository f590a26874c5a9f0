"""What can be known of GitHub's workflows without GitHub."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.__main__ import parser

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


def commands(workflow: Path) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_only_commands_that_there_are(workflow: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for command in commands(workflow):
        program, *arguments = re.sub(r"\$\{\{.*?\}\}", "dev", command).split()
        if program == "make":
            assert arguments[0] in targets, command
        elif arguments[:2] == ["-m", "operations"]:
            assert parser().parse_args(arguments[2:]), command
        else:
            assert (ROOT / program).is_file(), command


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_an_action_of_another_repository_has_an_exact_version(workflow: Path):
    for step in steps(workflow):
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+\.\d+\.\d+", step["uses"]), step["uses"]
