"""Retrains a stage's detector: starts the stage's state machine, follows it, and records the version it published.

The state machine moves the endpoint to a better model by itself. The stage's setting `endpoint.modelVersion` keeps that
version in the next deployment; it is written here once the endpoint serves the version.
"""

import json
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

import boto3
from pydantic.alias_generators import to_camel
from rich.console import Console

from components.settings.stage import SettingsError, parse_settings
from images.training.hyperparameters import as_strings
from operations import stacks
from operations.external import OperationError, require

# Polling costs nothing, and a run takes an hour or a day.
POLL_SECONDS = 10.0
# The states of each waiting loop, by what the loop waits for.
_LOOP = re.compile(r"(?:WaitFor|Count|Describe|Start)?(Training|Evaluation|Update)(?:Poll|Ended|Endpoint)?")

Overrides = dict[str, Any]


def overrides(hyperparameters: str, instance_type: str | None, max_runtime_seconds: int | None) -> Overrides:
    """The execution's input, with only the given values; hyperparameters are strings, as SageMaker wants them.

    Args:
        hyperparameters: `name=value` pairs separated by spaces, with the names of the training image.

    Raises:
        SettingsError: a given name is not a setting of training, or a value is out of its range; one line.
    """
    pairs = [pair.partition("=") for pair in hyperparameters.split()]
    if wrong := [name for name, equals, value in pairs if not (name and equals and value)]:
        raise SettingsError(f"hyperparameters: {wrong[0]!r} is not allowed: must be name=value, such as epochs=100")
    names = [name for name, _, _ in pairs]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"hyperparameters: {', '.join(repeated)} is given twice: give it once")
    given = {
        "instanceType": instance_type,
        "maxRuntimeSeconds": max_runtime_seconds,
        "hyperparameters": {to_camel(name): _value(value) for name, _, value in pairs},
    }
    set_here = {key: value for key, value in given.items() if value not in (None, {})}
    training = parse_settings({"training": set_here}, key="overrides").training
    if names:
        texts = as_strings(training.hyperparameters)
        set_here["hyperparameters"] = {name: texts[name] for name in names}
    return set_here


def _value(text: str) -> Any:
    """A number or a boolean if the text is one; otherwise the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def retrain(stage: str, given: Overrides, execution: str | None = None) -> None:
    """Starts an execution, or takes the given one, follows it to its end and prints the outcome.

    If it is interrupted, the execution goes on, and a message says how to follow it again.

    Raises:
        OperationError: the stage has no state machine, the execution belongs to another one, or it failed.
    """
    require("pulumi")
    outputs = stacks.outputs(stage)
    machine = outputs.get("retrainingStateMachineArn")
    if not machine:
        raise OperationError(
            f"stage {stage} has no state machine to retrain with: it needs an endpoint, not inference lambda, and both "
            f"images: run make deploy STAGE={stage}"
        )
    # arn:aws:states:<region>:<account>:stateMachine:<name>, and its executions' arn:...:execution:<name>:<execution>.
    region = machine.split(":")[3]
    states = boto3.client("stepfunctions", region_name=region)
    if execution is None:
        execution = str(states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"])
        print(f"started {execution}", file=sys.stderr)
    elif not execution.startswith(machine.replace(":stateMachine:", ":execution:") + ":"):
        raise OperationError(
            f"EXECUTION={execution!r} does not belong to stage {stage}: its executions are those of {machine}"
        )
    try:
        ended = _followed(states, boto3.client("sagemaker", region_name=region), execution)
    except KeyboardInterrupt:
        print(
            f"\nthe retraining continues; to follow it: make retrain STAGE={stage} EXECUTION={execution}",
            file=sys.stderr,
        )
        raise
    if ended["status"] != "SUCCEEDED":
        end = f"{ended.get('error', ended['status'])}: {ended.get('cause', 'no cause is known')}"
        raise OperationError(f"retraining ended as {end} (execution {execution})")
    _report(stage, outputs["endpointName"], region, json.loads(ended["output"]))


def _followed(states: Any, sagemaker: Any, execution: str) -> Mapping[str, Any]:
    """Waits until the execution has ended and returns its description; prints each step on stderr as it begins."""
    console = Console(stderr=True, highlight=False)
    shown = ""
    with console.status("starting") as status:
        while (described := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            state, data = _current(states, execution)
            loop = _LOOP.fullmatch(state)
            step = loop[1] if loop else state
            if step != shown:
                console.print(step)
                shown = step
            status.update(_training(sagemaker, data) if step == "Training" else step)
            time.sleep(POLL_SECONDS)
    return described


def _current(states: Any, execution: str) -> tuple[str, Mapping[str, Any]]:
    """The state that was entered last and its input; both are empty for an execution that has only just started."""
    events = states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=20)["events"]
    for event in events:
        if entered := event.get("stateEnteredEventDetails"):
            data = json.loads(entered.get("input", "{}"))
            return entered["name"], data if isinstance(data, dict) else {}
    return "starting", {}


def _training(sagemaker: Any, data: Mapping[str, Any]) -> str:
    """The training job's current step and its metrics, as SageMaker reports them."""
    name = data.get("run", {}).get("name")
    jobs = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"] if name else []
    if not jobs:
        return "Training"
    job = sagemaker.describe_training_job(TrainingJobName=name)
    metrics = [f"{m['MetricName']} {m['Value']:.4g}" for m in job.get("FinalMetricDataList", [])]
    return " ".join(["Training:", job["SecondaryStatus"], *metrics])


def _report(stage: str, endpoint: str, region: str, output: Mapping[str, Any]) -> None:
    """Prints the result of a successful execution, and records the version if the endpoint serves it."""
    run, version, reason = output["run"]["name"], output["run"]["version"], output["comparison"]["reason"]
    if not output["comparison"]["better"]:
        print(f"not better, so nothing was published: {reason}")
        return
    print(f"better: {reason}\npublished as models/{version}/ and served by {endpoint}")
    served = boto3.client("sagemaker", region_name=region).describe_endpoint(EndpointName=endpoint)
    if served["EndpointConfigName"] != run:
        print(f"not recorded: {endpoint} now serves {served['EndpointConfigName']}")
        return
    stacks.set_setting(stage, "endpoint.modelVersion", version)
    print(f"recorded as endpoint.modelVersion in Pulumi.{stage}.yaml: commit it, and the next deployment keeps it")
