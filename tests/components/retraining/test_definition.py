"""The retraining's state machine: its document, and its executions on moto's interpreter (see executions.py)."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.naming import Inference, Names
from components.retraining.definition import retraining_definition
from components.retraining.plan import FAILURES, SUCCESSES, RetrainingPlan
from components.settings.groups import EndpointSettings, RetrainingSettings, ServerlessSettings, TrainingSettings
from components.training import training_request
from tests.components.retraining.executions import (
    BETTER,
    BUCKET,
    DEPLOYED_CONFIG,
    DEPLOYED_DATA,
    NOT_BETTER,
    OTHER_CONFIG,
    OTHER_DATA,
    Account,
    Course,
    Execution,
    embedded_account,
)

pytestmark = pytest.mark.whole

ROLE = "arn:aws:iam::123456789012:role"
TRAINING_IMAGE = "123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-dev:1"
INFERENCE_IMAGE = "123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-inference-dev:1"
TAGS = {"project": "room-detection", "stage": "dev"}

Executed = Callable[..., tuple[Account, Execution]]


def plan(
    training: TrainingSettings | None = None,
    settings: RetrainingSettings | None = None,
    endpoint: EndpointSettings | None = None,
    region: str = "us-east-2",
    inference: Inference = "endpoint",
) -> RetrainingPlan:
    training = training or TrainingSettings()
    request = training_request(
        training, image=TRAINING_IMAGE, bucket_name=BUCKET, role_arn=f"{ROLE}/training", tags=TAGS
    )
    return RetrainingPlan(
        names=Names(stage="dev", account_id="123456789012", region=region, inference=inference),
        settings=settings or RetrainingSettings(),
        endpoint=endpoint or EndpointSettings(),
        serverless=ServerlessSettings(),
        training=request,
        training_limit_seconds=training.max_runtime_seconds,
        inference_image=INFERENCE_IMAGE,
        bucket_name=BUCKET,
        evaluation_role_arn=f"{ROLE}/evaluation",
        inference_role_arn=f"{ROLE}/inference",
        rollback_alarm_names=["room-detection-EndpointRollbackErrors-dev"] if inference == "endpoint" else [],
        topic_arn="arn:aws:sns:us-east-2:123456789012:room-detection-alarms-dev",
        tags=TAGS,
    )


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Executed]:
    """Executes the plan's state machine on a course of SageMaker's; gives the account as it is then, and the end."""
    accounts = []

    def execute(course: Course, overrides: Any = None, of: RetrainingPlan | None = None) -> tuple[Account, Execution]:
        context = embedded_account(monkeypatch, course)
        account = context.__enter__()
        accounts.append(context)
        return account, account.execute(retraining_definition(of or plan()), overrides)

    yield execute
    for context in accounts:
        context.__exit__(None, None, None)


# The document


@cache
def states() -> dict[str, dict[str, Any]]:
    return retraining_definition(plan())["States"]


def successors(state: dict[str, Any]) -> set[str]:
    choices = {choice["Next"] for choice in state.get("Choices", [])}
    catches = {catch["Next"] for catch in state.get("Catch", [])}
    return choices | catches | {state[key] for key in ("Next", "Default") if key in state}


def reachable(start: str) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += successors(states()[name])
    return found


def test_every_state_is_reached_and_every_state_that_is_named_exists() -> None:
    assert reachable(retraining_definition(plan())["StartAt"]) == set(states())


def test_every_path_ends_in_a_named_end() -> None:
    ends = {name for name, state in states().items() if state["Type"] in ("Succeed", "Fail")}
    assert ends == {*SUCCESSES, *FAILURES}
    for name, state in states().items():
        assert bool(successors(state)) is (name not in ends), name
        assert reachable(name) & ends, name
    assert all(states()[end]["Error"] == end for end in FAILURES)


def test_an_end_is_reached_only_after_its_message() -> None:
    for end in (*SUCCESSES, *FAILURES):
        assert {name for name, state in states().items() if end in successors(state)} == {f"Notify{end}"}


def test_every_call_is_tried_again_and_caught() -> None:
    for name, state in states().items():
        if state["Type"] == "Task":
            assert ["States.ALL"] in [catch["ErrorEquals"] for catch in state["Catch"]], name
            # The group that exists already is not a failure.
            assert ("Retry" in state) is (name != "CreateModelGroup"), name


def test_every_loop_has_a_pause_and_a_limit() -> None:
    waits = [name for name, state in states().items() if state["Type"] == "Wait"]
    assert len(waits) == 3
    for name, state in states().items():
        if any(name in reachable(successor) for successor in successors(state)):
            assert set(waits) & reachable(name), name
    limits = re.findall(r'"Variable": "\$\.wait\.polls", "NumericLessThan": (\d+)', json.dumps(states()))
    assert len(limits) == 3


@pytest.mark.parametrize(
    "longest",
    [
        plan(),
        plan(
            TrainingSettings(max_runtime_seconds=2_419_200),
            RetrainingSettings(evaluation_max_runtime_seconds=86_400),
            EndpointSettings(update_timeout_seconds=3300),
        ),
    ],
)
def test_the_longest_execution_stays_within_the_history_that_it_may_have(longest: RetrainingPlan) -> None:
    text = json.dumps(retraining_definition(longest))
    polls = [int(limit) for limit in re.findall(r'"Variable": "\$\.wait\.polls", "NumericLessThan": (\d+)', text)]
    assert sum(polls) * 11 + 1000 < 25_000
    pauses = [int(seconds) for seconds in re.findall(r'"Seconds": (\d+)', text)]
    assert max(polls) * max(pauses) >= longest.training_limit_seconds, "a job is waited for as long as it may take"


def test_the_document_is_within_the_limits_of_step_functions() -> None:
    assert len(json.dumps(retraining_definition(plan()))) < 1_048_576
    assert max(len(name) for name in states()) <= 80
    assert max(len(s["Parameters"].get("Subject", "")) for s in states().values() if "Parameters" in s) <= 100


@pytest.mark.parametrize(("region", "partition"), [("us-east-2", "aws"), ("cn-north-1", "aws-cn")])
def test_calls_have_the_partition_of_their_region(region: str, partition: str) -> None:
    found = retraining_definition(plan(region=region))["States"].values()
    resources = {state["Resource"] for state in found if state["Type"] == "Task"}
    assert all(resource.startswith(f"arn:{partition}:states:::") for resource in resources)


# Executions


def test_a_better_model_is_published_with_its_reports_registered_and_served(executed: Executed) -> None:
    account, execution = executed(Course())
    assert (execution.status, execution.states[-1]) == ("SUCCEEDED", "Published"), execution.cause
    run, version = execution.output["run"]["name"], execution.output["run"]["version"]
    assert re.fullmatch(r"retrained-\d{8}-\d{6}", version)
    assert run == f"room-detection-dev-{version}"
    published = account.objects("models/retrained-")
    assert published.pop(f"models/{version}/model.tar.gz") == b"the new model"
    assert published.pop(f"models/{version}/output.tar.gz") == b"its metrics"
    assert json.loads(published.pop(f"models/{version}/comparison.json")) == BETTER
    assert not published
    assert account.served_config() == run
    config = account.sagemaker.describe_endpoint_config(EndpointConfigName=run)
    assert config["ProductionVariants"][0]["ModelName"] == run
    model = account.sagemaker.describe_model(ModelName=run)["PrimaryContainer"]
    assert model["ModelDataUrl"] == f"s3://{BUCKET}/models/{version}/model.tar.gz"
    (package,) = account.sagemaker.list_model_packages(ModelPackageGroupName="room-detection-dev")[
        "ModelPackageSummaryList"
    ]
    assert package["ModelApprovalStatus"] == "Approved"
    ((subject, message),) = account.messages()
    assert subject == "Room detection dev: retraining ended as Published"
    assert message == (
        f"{run} is better and served: mAP50-95 0.7000 -> 0.8000. It is models/{version}/; so that the next deployment "
        f"keeps it: make retrain STAGE=dev EXECUTION={execution.arn}"
    )


def test_a_model_appears_under_its_version_only_after_its_reports() -> None:
    order = ["PublishComparison", "PublishTrainingReport", "PublishModel"]
    assert [states()[name]["Next"] for name in order[:2]] == order[1:]


def test_the_comparison_gets_the_new_model_the_served_one_and_the_validation_plans(executed: Executed) -> None:
    _, execution = executed(Course(), of=plan(settings=RetrainingSettings(margin=0.01, tolerance=0.02)))
    job = execution.requests["StartEvaluation"]
    run = execution.output["run"]["name"]
    assert {i["InputName"]: (i["S3Input"]["S3Uri"], i["S3Input"]["LocalPath"]) for i in job["ProcessingInputs"]} == {
        "candidate": (
            f"s3://{BUCKET}/models/jobs/{run}/output/model.tar.gz",
            "/opt/ml/processing/input/candidate",
        ),
        "deployed": (DEPLOYED_DATA, "/opt/ml/processing/input/deployed"),
        "validation": (f"s3://{BUCKET}/validation/", "/opt/ml/processing/input/validation"),
    }
    (output,) = job["ProcessingOutputConfig"]["Outputs"]
    assert output["S3Output"] == {
        "S3Uri": f"s3://{BUCKET}/models/evaluations/{run}",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    assert job["AppSpecification"] == {
        "ImageUri": TRAINING_IMAGE,
        "ContainerEntrypoint": ["python", "-m", "images.training.comparison"],
        "ContainerArguments": ["--margin", "0.01", "--tolerance", "0.02", "--confidence", "0.25", "--iou", "0.45"],
    }


@pytest.mark.parametrize("inference", ["endpoint", "serverless"])
def test_aws_accepts_every_request(executed: Executed, inference: Inference) -> None:
    _, execution = executed(Course(), of=plan(inference=inference))
    assert execution.states[-1] == "Published", execution.cause
    session = botocore.session.get_session()
    called = {name: state["Resource"].split(":") for name, state in states().items() if state["Type"] == "Task"}
    for name, request in execution.requests.items():
        service, operation = called[name][-2:]
        model = session.get_service_model(service)
        shape = model.operation_model(operation[0].upper() + operation[1:]).input_shape
        assert shape is not None
        report = ParamValidator().validate(request, shape)
        assert not report.has_errors(), f"{name}: {report.generate_report()}"
    assert len(execution.requests) >= 15


def test_a_serverless_endpoint_moves_to_the_new_model_as_in_a_deployment() -> None:
    document = retraining_definition(plan(inference="serverless"))["States"]
    assert document["CreateEndpointConfig"]["Parameters"]["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "ModelName.$": "$.run.name",
            "ServerlessConfig": {"MemorySizeInMB": 4096, "MaxConcurrency": 10},
        }
    ]
    assert document["CreateModel"]["Parameters"]["EnableNetworkIsolation"] is False
    assert document["UpdateEndpoint"]["Parameters"] == {
        "EndpointName": "room-detection-yolov8-serverless-dev",
        "EndpointConfigName.$": "$.run.name",
    }


def test_a_model_that_is_not_better_is_neither_published_nor_served(executed: Executed) -> None:
    account, execution = executed(Course(comparison=NOT_BETTER))
    assert (execution.status, execution.states[-1]) == ("SUCCEEDED", "NotBetter"), execution.cause
    assert account.objects("models/retrained-") == {}
    assert account.served_config() == DEPLOYED_CONFIG
    ((subject, message),) = account.messages()
    assert subject == "Room detection dev: retraining ended as NotBetter"
    assert message.endswith("was not published: mAP50-95 0.8000 -> 0.7000: must be higher")


def test_without_overrides_training_uses_the_stages_request(executed: Executed) -> None:
    _, execution = executed(Course(comparison=NOT_BETTER))
    started = execution.requests["StartTraining"]
    expected = dict(plan().training)
    run = execution.output["run"]["name"]
    assert started.pop("TrainingJobName") == run
    assert started.pop("CheckpointConfig")["S3Uri"] == f"s3://{BUCKET}/models/checkpoints/{run}/"
    expected.pop("CheckpointConfig")
    assert started == expected


def test_an_execution_may_override_hyperparameters_instance_type_and_time_limit(executed: Executed) -> None:
    overrides = {
        "hyperparameters": {"epochs": "5", "lr0": "0.005"},
        "instanceType": "ml.g5.xlarge",
        "maxRuntimeSeconds": 600,
    }
    _, execution = executed(Course(comparison=NOT_BETTER), overrides)
    started = execution.requests["StartTraining"]
    assert started["HyperParameters"] == {**plan().training["HyperParameters"], "epochs": "5", "lr0": "0.005"}
    assert started["ResourceConfig"] == {**plan().training["ResourceConfig"], "InstanceType": "ml.g5.xlarge"}
    assert started["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}


def test_what_is_not_overridden_stays_as_the_stage_has_it(executed: Executed) -> None:
    _, execution = executed(Course(comparison=NOT_BETTER), {"maxRuntimeSeconds": 600})
    started = execution.requests["StartTraining"]
    assert started["HyperParameters"] == plan().training["HyperParameters"]
    assert started["ResourceConfig"] == plan().training["ResourceConfig"]


@pytest.mark.parametrize("given", ["a text", [1], None, {"something": "else"}], ids=json.dumps)
def test_an_input_without_overrides_changes_nothing(executed: Executed, given: Any) -> None:
    _, execution = executed(Course(comparison=NOT_BETTER), given)
    assert execution.states[-1] == "NotBetter", execution.cause
    assert execution.requests["StartTraining"]["ResourceConfig"] == plan().training["ResourceConfig"]


def test_jobs_and_update_are_waited_for(executed: Executed) -> None:
    _, execution = executed(
        Course(
            training=[{"TrainingJobStatus": "InProgress"}] * 2 + [{"TrainingJobStatus": "Completed"}],
            evaluation=[{"ProcessingJobStatus": "InProgress"}, {"ProcessingJobStatus": "Completed"}],
            update=["Updating", "Updating", "InService"],
        )
    )
    assert execution.states[-1] == "Published", execution.cause
    looks = [execution.states.count(f"Describe{task}") for task in ("Training", "Evaluation", "Update")]
    assert looks == [3, 2, 3]


IN_PROGRESS = {"TrainingJobStatus": "InProgress"}
BROKEN = {"ProcessingJobStatus": "Failed", "FailureReason": "AlgorithmError: exit code 2"}


@pytest.mark.parametrize(
    ("course", "overrides", "end", "cause"),
    [
        (Course(), {"maxRuntimeSeconds": 86_401}, "RequestRefused", "maxRuntimeSeconds a number from 60 to 86400"),
        (Course(), {"maxRuntimeSeconds": "600"}, "RequestRefused", "maxRuntimeSeconds a number from 60 to 86400"),
        (Course(), {"instanceType": 5}, "RequestRefused", "instanceType must be a string"),
        (Course(), {"hyperparameters": ["epochs=5"]}, "TrainingFailed", ""),
        (
            Course(
                training=[IN_PROGRESS, {"TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: no plans"}]
            ),
            {},
            "TrainingFailed",
            "JobFailed: AlgorithmError: no plans",
        ),
        (
            Course(training=[{"TrainingJobStatus": "Stopped"}]),
            {},
            "TrainingFailed",
            "JobStopped: the training job was stopped or ran out of time: Stopped",
        ),
        (Course(evaluation=[BROKEN]), {}, "EvaluationFailed", "JobFailed: AlgorithmError: exit code 2"),
        (
            Course(evaluation=[BROKEN | {"ExitMessage": "comparison: none of its 3 plans has a room"}]),
            {},
            "EvaluationFailed",
            "JobFailed: comparison: none of its 3 plans has a room",
        ),
        (Course(comparison=None), {}, "EvaluationFailed", "key does not exist"),
        (Course(comparison={"better": "yes", "reason": "so"}), {}, "EvaluationFailed", "ComparisonUnreadable"),
        (Course(comparison={"better": True}), {}, "EvaluationFailed", "ComparisonUnreadable"),
        (Course(comparison=[]), {}, "EvaluationFailed", "ComparisonUnreadable"),
        (
            Course(other_served=True),
            {},
            "EvaluationFailed",
            f"OtherModelServed: compared with {DEPLOYED_DATA}, but the endpoint now serves {OTHER_DATA}",
        ),
        (Course(training_report=False), {}, "PublishingFailed", "key does not exist"),
        (Course(update=["Updating", "Failed"]), {}, "UpdateFailed", "EndpointNotInService: the endpoint is Failed"),
        (
            Course(update=["Updating", "RollingBack", "InService"], rolled_back=True),
            {},
            "UpdateRolledBack",
            f"RolledBack: the endpoint serves {DEPLOYED_CONFIG} as before",
        ),
    ],
)
def test_a_failure_ends_in_its_named_end_after_a_message(
    executed: Executed, course: Course, overrides: dict[str, Any], end: str, cause: str
) -> None:
    account, execution = executed(course, overrides)
    assert (execution.status, execution.error) == ("FAILED", end), execution.cause
    assert cause in (execution.cause or "")
    ((subject, message),) = account.messages()
    assert subject == f"Room detection dev: retraining ended as {end}"
    assert cause in message
    assert execution.arn in message


@pytest.mark.parametrize(
    ("course", "end", "stopped"),
    [
        (Course(training=[IN_PROGRESS]), "TrainingFailed", "StopTraining"),
        (Course(evaluation=[{"ProcessingJobStatus": "InProgress"}]), "EvaluationFailed", "StopEvaluation"),
        (Course(update=["Updating"]), "UpdateFailed", "UpdateOverdue"),
    ],
)
def test_a_step_that_takes_longer_than_its_limit_is_abandoned(
    executed: Executed, monkeypatch: pytest.MonkeyPatch, course: Course, end: str, stopped: str
) -> None:
    monkeypatch.setattr("components.retraining.polling._MOST_POLLS", 3)
    _, execution = executed(course)
    assert (execution.status, execution.error) == ("FAILED", end)
    assert (execution.cause or "").startswith("TimeLimitPassed: ")
    assert stopped in execution.states


def test_a_job_whose_start_was_not_reported_is_stopped(executed: Executed) -> None:
    _, execution = executed(Course(training_start_lost=True))
    assert execution.states[-3:] == ["StopTraining", "NotifyTrainingFailed", "TrainingFailed"]
    assert "the answer was lost" in (execution.cause or "")


def test_a_model_that_was_compared_with_one_no_longer_served_is_not_published(executed: Executed) -> None:
    account, _ = executed(Course(other_served=True))
    assert account.objects("models/retrained-") == {}
    assert account.served_config() == OTHER_CONFIG


def test_without_an_endpoint_nothing_is_published(executed: Executed) -> None:
    nowhere = replace(plan(), names=Names(stage="prod", account_id="123456789012", region="us-east-2"))
    account, execution = executed(Course(), of=nowhere)
    assert execution.error == "EvaluationFailed"
    assert account.objects("models/retrained-") == {}


def test_a_message_that_cannot_be_sent_does_not_change_the_end(executed: Executed) -> None:
    unheard = replace(plan(), topic_arn="arn:aws:sns:us-east-2:123456789012:no-such-topic")
    _, execution = executed(Course(comparison=NOT_BETTER), of=unheard)
    assert (execution.status, execution.states[-1]) == ("SUCCEEDED", "NotBetter")
