"""`make retrain` against moto's state machine interpreter; a script stands in for Pulumi's CLI, as in a deployment."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.retraining.definition import retraining_definition
from components.settings.stage import SettingsError
from operations import retraining
from operations.__main__ import main
from operations.external import OperationError
from tests.components.retraining.executions import (
    BETTER,
    DEPLOYED_CONFIG,
    ENDPOINT,
    NOT_BETTER,
    REGION,
    Account,
    Course,
    embedded_account,
    hurried,
)
from tests.components.retraining.test_definition import plan

pytestmark = pytest.mark.whole

PULUMI = """#!/bin/sh
if [ "$1 $2" = "stack output" ]; then printf "%s\\n" "$OUTPUTS"; else echo "$*" >> "$FOLDER/asked"; fi
"""

Stage = Callable[..., Account]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Deploys the state machine into an account where SageMaker goes a given course."""
    program = tmp_path / "pulumi"
    program.write_text(PULUMI)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setattr(retraining, "POLL_SECONDS", 0.05)
    contexts = []

    def deploy(course: Course) -> Account:
        context = embedded_account(monkeypatch, course)
        account = context.__enter__()
        contexts.append(context)
        machine = account.create(hurried(retraining_definition(plan())))
        outputs = {"retrainingStateMachineArn": machine, "endpointName": ENDPOINT}
        monkeypatch.setenv("OUTPUTS", json.dumps(outputs))
        return account

    yield deploy
    for context in contexts:
        context.__exit__(None, None, None)


def recorded(folder: Path) -> list[str]:
    path = folder / "asked"
    return path.read_text().splitlines() if path.exists() else []


def test_a_better_model_is_recorded_for_the_next_deployment(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = stage(Course())
    retraining.retrain("dev", {})
    version = account.served_config().removeprefix("room-detection-dev-")
    assert recorded(tmp_path) == [
        f"config set --stack dev --path room-detection:settings.endpoint.modelVersion {version}"
    ]
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:2] == [
        f"better: {BETTER['reason']}",
        f"published as models/{version}/ and served by {ENDPOINT}",
    ]
    assert printed.err.startswith("started arn:aws:states:us-east-2:123456789012:execution:")


def test_a_model_that_is_not_better_is_reported_and_not_recorded(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(Course(comparison=NOT_BETTER))
    retraining.retrain("dev", {})
    assert capsys.readouterr().out == f"not better, so nothing was published: {NOT_BETTER['reason']}\n"
    assert recorded(tmp_path) == []


def test_a_failure_is_reported_with_its_end_and_its_cause(stage: Stage) -> None:
    stage(Course(training=[{"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: no plans"}]))
    with pytest.raises(OperationError, match="ended as TrainingFailed: JobFailed: AlgorithmError: no plans") as failed:
        retraining.retrain("dev", {})
    assert "\n" not in str(failed.value)


def test_the_job_is_started_with_the_overrides(stage: Stage) -> None:
    account = stage(Course(comparison=NOT_BETTER))
    retraining.retrain("dev", retraining.overrides("epochs=5 lr0=0.005", "ml.g5.xlarge", 600))
    (job,) = account.sagemaker.list_training_jobs()["TrainingJobSummaries"]
    described = account.sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    changed = {"epochs": "5", "lr0": "0.005"}
    assert described["HyperParameters"] == {**plan().training["HyperParameters"], **changed}
    assert described["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"
    assert described["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}


def test_an_interrupted_command_leaves_the_execution_running_and_says_how_to_follow_it(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = stage(Course())

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(retraining, "_current", interrupt)
        with pytest.raises(KeyboardInterrupt):
            retraining.retrain("dev", {})
    command = capsys.readouterr().err.splitlines()[-1]
    _, execution = command.split("EXECUTION=")
    assert command == f"the retraining continues; to follow it: make retrain STAGE=dev EXECUTION={execution}"
    retraining.retrain("dev", {}, execution)
    assert len(recorded(tmp_path)) == 1
    assert account.served_config().startswith("room-detection-dev-retrained-")


def test_a_version_that_is_no_longer_served_is_not_recorded(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = Course()
    account = stage(course)
    retraining.retrain("dev", {})
    (tmp_path / "asked").unlink()
    (execution,) = account.states.list_executions(
        stateMachineArn=account.states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    )["executions"]
    account.sagemaker.delete_endpoint(EndpointName=ENDPOINT)
    account.sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=DEPLOYED_CONFIG)
    course.rolled_back = True
    retraining.retrain("dev", {}, execution["executionArn"])
    assert f"not recorded: {ENDPOINT} now serves {DEPLOYED_CONFIG}" in capsys.readouterr().out
    assert recorded(tmp_path) == []


def test_an_execution_of_another_stage_is_refused(stage: Stage) -> None:
    stage(Course())
    other = f"arn:aws:states:{REGION}:123456789012:execution:room-detection-retraining-prod:one"
    with pytest.raises(OperationError, match="does not belong to stage dev"):
        retraining.retrain("dev", {}, other)


def test_a_stage_without_both_images_has_nothing_to_retrain_with(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage(Course())
    monkeypatch.setenv("OUTPUTS", "{}")
    with pytest.raises(OperationError, match="run make deploy STAGE=dev"):
        retraining.retrain("dev", {})


def test_only_what_is_given_is_overridden() -> None:
    assert retraining.overrides("", None, None) == {}
    assert retraining.overrides("batch_size=8 cos_lr=false optimizer=AdamW lr0=0.010", None, None) == {
        "hyperparameters": {"batch_size": "8", "cos_lr": "false", "optimizer": "AdamW", "lr0": "0.01"}
    }


@pytest.mark.parametrize(
    ("hyperparameters", "line"),
    [
        ("epoch=5", "overrides.training.hyperparameters.epoch is not a setting: did you mean epochs?"),
        ("epochs=0", "overrides.training.hyperparameters.epochs: 0 is not allowed: must be an integer from 1 to 10000"),
        ("epochs=many", 'overrides.training.hyperparameters.epochs: "many" is not allowed: must be an integer'),
        ("epochs", "hyperparameters: 'epochs' is not allowed: must be name=value, such as epochs=100"),
        ("epochs=", "hyperparameters: 'epochs' is not allowed: must be name=value"),
        ("epochs=5 epochs=6", "hyperparameters: epochs is given twice: give it once"),
    ],
)
def test_a_hyperparameter_that_training_would_refuse_is_refused_before_anything_is_started(
    hyperparameters: str, line: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        retraining.overrides(hyperparameters, None, None)
    assert str(refused.value).startswith(line)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--hyperparameters", "epochs=0"], "error: overrides.training.hyperparameters.epochs: 0 is not allowed"),
        (["--instance-type", "big"], 'error: overrides.training.instanceType: "big" is not allowed'),
        (["--execution", "arn", "--hyperparameters", "epochs=5"], "error: --execution follows a run that has started"),
    ],
)
def test_wrong_usage_ends_with_one_line_and_status_2(
    arguments: list[str], line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["operations", "retrain", "--stage", "dev", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(line)
    assert said.count("\n") == 1
