"""What can be known of GitHub's workflows without GitHub."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations import deploy_policies
from operations.__main__ import parser

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


def commands(workflow: Path) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_only_commands_that_exist(workflow: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for command in commands(workflow):
        program, *arguments = re.sub(r"\$\{\{.*?\}\}", "dev", command).split()
        if program == "echo":
            continue
        if program == "make":
            assert arguments[0] in targets, command
        elif arguments[:2] == ["-m", "operations"]:
            assert parser().parse_args(arguments[2:]), command
        else:
            assert (ROOT / program).is_file(), command


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_an_action_of_another_repository_is_pinned_to_a_commit_and_says_its_version(workflow: Path):
    uses = [line.strip().removeprefix("- ") for line in workflow.read_text().splitlines() if "uses: " in line]
    for line in uses:
        pinned = r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\b.*"
        assert re.fullmatch(pinned, line) or line == "uses: ./.github/workflows/stage.yml", line


def test_the_python_of_every_workflow_is_the_projects():
    version = (ROOT / ".python-version").read_text().strip()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"] == f"=={version}.*"
    set_up = [step for path in WORKFLOWS for step in steps(path) if "setup-python" in step.get("uses", "")]
    assert set_up
    assert {step["with"]["python-version-file"] for step in set_up} == {".python-version"}


def test_one_action_has_the_same_commit_everywhere():
    used = {step["uses"] for workflow in WORKFLOWS for step in steps(workflow) if "uses" in step}
    assert len(used) == len({use.partition("@")[0] for use in used})


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_checkout_leaves_no_credentials_behind(workflow: Path):
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step.get("with") == {"persist-credentials": False} for step in checkouts)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_variable_of_a_workflow_is_explained(workflow: Path):
    page = (ROOT / "docs" / "deploying.md").read_text()
    for variable in re.findall(r"\bvars\.(\w+)", workflow.read_text()):
        assert f"`{variable}`" in page, variable


def test_a_waiting_deployment_is_not_dropped_for_a_later_one():
    deploy = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())
    assert deploy["concurrency"] == {
        "group": "deploy-${{ github.event_name }}",
        "cancel-in-progress": False,
        "queue": "max",
    }


def test_the_stages_that_are_deployed_and_promoted_are_those_that_the_policies_allow():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())["jobs"]
    stages = {job["with"]["stage"]: job["with"].get("from") for job in jobs.values() if "uses" in job}
    assert tuple(stages) == deploy_policies.DEPLOYED_STAGES
    assert {stage: source for stage, source in stages.items() if source} == deploy_policies.PROMOTED_FROM


def test_the_stages_that_are_previewed_are_those_whose_state_a_pull_request_may_read():
    preview = yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yml").read_text())
    assert preview["jobs"]["preview"]["strategy"]["matrix"] == {"stage": list(deploy_policies.PREVIEWED_STAGES)}


def test_no_pull_request_previews_prod():
    preview = yaml.safe_load((ROOT / ".github" / "workflows" / "preview.yml").read_text())
    assert preview["jobs"]["preview"]["strategy"]["matrix"] == {"stage": ["dev", "staging"]}


def test_nothing_is_deployed_if_the_account_is_not_set_up():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())["jobs"]
    assert jobs["not-set-up"]["if"] == "vars.AWS_REGION == ''"
    for name, job in jobs.items():
        if "uses" in job:
            needed = jobs[job["needs"]]
            assert "vars.AWS_REGION != ''" in job["if"] + needed.get("if", ""), name
