"""The retraining as a state machine in the Amazon States Language: a pure function from what it uses to the document.

https://states-language.net/spec.html. Queries are JSONPath: JSONata needs a Java runtime in the embedded AWS, where the
tests run the document state by state.

Jobs are created, described and waited for instead of run with `createTrainingJob.sync`: every state then runs in the
tests, and the role needs no rule in EventBridge. For that a loop has an event history, of which Step Functions keeps
25,000 entries: the pause between two looks grows with the time limit.

Every run goes by one name, the stage and the second at which it started. Its data, by key: `run` (`name`, `version`),
`defaults`, `overrides` and `request` (hyperparameters, instance type, time limit), what was described last (`training`,
`servedModel`, `evaluation`, `update` ...), `wait` (`polls`) and, where something went wrong, `failure`.
Once the models are compared it is `run` and `comparison`, which are the output of an execution that succeeds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from components.ml import MODEL_ARCHIVE, ROUTING_STRATEGY, VARIANT_NAME, is_isolated, model_environment
from components.naming import (
    EVALUATIONS_PREFIX,
    MODELS_PREFIX,
    RETRAINED_VERSION,
    TRAINING_OUTPUT_PREFIX,
    VALIDATION_PREFIX,
    Names,
)
from components.settings import EndpointSettings, RetrainingSettings, ServerlessSettings

Document = dict[str, Any]
State = dict[str, Any]

# How an execution may end.
NOT_BETTER = "NotBetter"
PUBLISHED = "Published"
REQUEST_REFUSED = "RequestRefused"
TRAINING_FAILED = "TrainingFailed"
EVALUATION_FAILED = "EvaluationFailed"
PUBLISHING_FAILED = "PublishingFailed"
UPDATE_FAILED = "UpdateFailed"
UPDATE_ROLLED_BACK = "UpdateRolledBack"
SUCCESSES = (NOT_BETTER, PUBLISHED)
FAILURES = (
    REQUEST_REFUSED,
    TRAINING_FAILED,
    EVALUATION_FAILED,
    PUBLISHING_FAILED,
    UPDATE_FAILED,
    UPDATE_ROLLED_BACK,
)

COMPARISON = "comparison.json"
_REASON = "$.comparison.reason"
_PROCESSING_FOLDER = "/opt/ml/processing"
# What a training job writes to /opt/ml/output/data: metrics and curves.
_TRAINING_REPORT = "output.tar.gz"
# A loop adds 11 events a turn to the 25,000 that an execution may have, and there are three loops:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_MOST_POLLS = 700
_LEAST_POLL_SECONDS = 30
# How long SageMaker may look for instances, fetch an image and upload results, beside the job's own time limit.
_AROUND_A_JOB_SECONDS = 7200
# The least that SageMaker takes as a job's time limit is 1 s; an epoch takes more than this.
_LEAST_RUNTIME_SECONDS = 60
# Throttling, outages and lost connections have many names, one a service: whatever a task fails with is tried again.
_RETRY = [
    {
        "ErrorEquals": ["States.TaskFailed"],
        "IntervalSeconds": 5,
        "MaxAttempts": 4,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }
]


@dataclass(frozen=True, kw_only=True)
class RetrainingPlan:
    """What the state machine uses.

    Attributes:
        training: SageMaker's CreateTrainingJob request but for TrainingJobName.
        training_limit_seconds: the longest time from the training job's creation to its end.
        serverless: of the endpoint where it is serverless, in place of its instances.
        inference_image: what the endpoint runs.
        evaluation_role_arn, inference_role_arn: of the comparison of two models, and of the endpoint.
        rollback_alarm_names: what sends an update of the endpoint back.
    """

    names: Names
    settings: RetrainingSettings
    endpoint: EndpointSettings
    serverless: ServerlessSettings
    training: Mapping[str, Any]
    training_limit_seconds: int
    inference_image: str
    bucket_name: str
    evaluation_role_arn: str
    inference_role_arn: str
    rollback_alarm_names: Sequence[str]
    topic_arn: str
    tags: Mapping[str, str]


def retraining_definition(plan: RetrainingPlan) -> Document:
    """The whole state machine: train, compare, publish what is better, serve it."""
    return {
        "Comment": "Trains the detector anew, and serves the result where it is better than what is served",
        "StartAt": "Prepare",
        "States": {
            **_request(plan),
            **_training(plan),
            **_evaluation(plan),
            **_publishing(plan),
            **_update(plan),
            **dict(_ends(plan)),
        },
    }


def _request(plan: RetrainingPlan) -> dict[str, State]:
    """The run's name, and the stage's request with the execution's overrides."""
    time = [f"States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, '-T:.Z+'), {part})" for part in range(6)]
    form = f"{RETRAINED_VERSION}{{}}{{}}{{}}-{{}}{{}}{{}}"
    stage_prefix = plan.names.retrained.removesuffix(RETRAINED_VERSION)
    defaults = {
        "hyperparameters": plan.training["HyperParameters"],
        "instanceType": plan.training["ResourceConfig"]["InstanceType"],
        "maxRuntimeSeconds": plan.training["StoppingCondition"]["MaxRuntimeInSeconds"],
    }
    longest = defaults["maxRuntimeSeconds"]
    runtime = "$.request.maxRuntimeSeconds"
    return {
        "Prepare": {
            "Type": "Pass",
            "Parameters": {
                "run": {
                    "name.$": _format(stage_prefix + form, *time),
                    "version.$": _format(form, *time),
                },
                "defaults": defaults,
                "overrides.$": "$$.Execution.Input",
            },
            "Next": "HasOverrides",
        },
        # Only an object has a key, and only an object can be merged.
        "HasOverrides": _choice(
            {"Or": [{"Variable": f"$.overrides.{key}", "IsPresent": True} for key in defaults], "Next": "Override"},
            default="UseDefaults",
        ),
        "Override": {
            "Type": "Pass",
            "Parameters": {
                "run.$": "$.run",
                "defaults.$": "$.defaults",
                "request.$": "States.JsonMerge($.defaults, $.overrides, false)",
            },
            "Next": "CheckRequest",
        },
        "UseDefaults": {"Type": "Pass", "InputPath": "$.defaults", "ResultPath": "$.request", "Next": "CheckRequest"},
        "CheckRequest": _choice(
            {
                "And": [
                    {"Variable": "$.request.instanceType", "IsString": True},
                    {"Variable": runtime, "IsNumeric": True},
                    {"Variable": runtime, "NumericGreaterThanEquals": _LEAST_RUNTIME_SECONDS},
                    {"Variable": runtime, "NumericLessThanEquals": longest},
                ],
                "Next": "StartTraining",
            },
            default="RefuseRequest",
        ),
        "RefuseRequest": _failure(
            REQUEST_REFUSED,
            "OverrideNotAllowed",
            f"instanceType must be a text, maxRuntimeSeconds a number from {_LEAST_RUNTIME_SECONDS} to {longest}, "
            "which is training.maxRuntimeSeconds of the stage",
        ),
    }


def _training(plan: RetrainingPlan) -> dict[str, State]:
    request = plan.training
    start = {
        **_without(request, "HyperParameters"),
        "TrainingJobName.$": "$.run.name",
        # The stage's again: an override may have only some of them.
        "HyperParameters.$": "States.JsonMerge($.defaults.hyperparameters, $.request.hyperparameters, false)",
        "ResourceConfig": {
            **_without(request["ResourceConfig"], "InstanceType"),
            "InstanceType.$": "$.request.instanceType",
        },
        "StoppingCondition": {
            **_without(request["StoppingCondition"], "MaxRuntimeInSeconds"),
            "MaxRuntimeInSeconds.$": "$.request.maxRuntimeSeconds",
        },
        # A run begins anew; an interrupted one goes on from its own checkpoints.
        "CheckpointConfig": {
            **_without(request["CheckpointConfig"], "S3Uri"),
            "S3Uri.$": _format(f"{request['CheckpointConfig']['S3Uri']}{{}}/", "$.run.name"),
        },
    }
    return _job(
        plan,
        "Training",
        start=start,
        api="TrainingJob",
        limit_seconds=plan.training_limit_seconds + _AROUND_A_JOB_SECONDS,
        reasons={"TrainingBroke": "FailureReason"},
        then="DescribeServedEndpoint",
        failed=TRAINING_FAILED,
    )


def _evaluation(plan: RetrainingPlan) -> dict[str, State]:
    """Which model is served, and whether the new one is better on the validation channel."""
    settings = plan.settings
    bucket = f"s3://{plan.bucket_name}"
    start = {
        "ProcessingJobName.$": "$.run.name",
        "RoleArn": plan.evaluation_role_arn,
        "AppSpecification": {
            "ImageUri": plan.training["AlgorithmSpecification"]["TrainingImage"],
            "ContainerEntrypoint": ["python", "-m", "images.training.comparison"],
            "ContainerArguments": [
                *("--margin", str(settings.margin), "--tolerance", str(settings.tolerance)),
                *("--confidence", str(plan.endpoint.confidence_threshold), "--iou", str(plan.endpoint.iou_threshold)),
            ],
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": settings.evaluation_instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": settings.evaluation_volume_size_gb,
            }
        },
        "ProcessingInputs": [
            _processing_input("candidate", {"S3Uri.$": "$.training.ModelArtifacts.S3ModelArtifacts"}),
            _processing_input("deployed", {"S3Uri.$": "$.servedModel.data"}),
            _processing_input("validation", {"S3Uri": f"{bucket}/{VALIDATION_PREFIX}"}),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "comparison",
                    "S3Output": {
                        "S3Uri.$": _format(f"{bucket}/{EVALUATIONS_PREFIX}{{}}", "$.run.name"),
                        "LocalPath": f"{_PROCESSING_FOLDER}/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": settings.evaluation_max_runtime_seconds},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "Tags": _tags(plan),
    }
    better = "$.comparison.better"

    def describe(prefix: str, then: str) -> dict[str, State]:
        """Three calls to what the endpoint serves: its data is `$.<prefix>Model.data`."""

        def call(kind: str, name: Mapping[str, str], selected: Mapping[str, str], then: str) -> State:
            return _task(
                plan,
                f"sagemaker:describe{kind}",
                name,
                selected=selected,
                result=f"$.{prefix}{kind}",
                then=then,
                failed=EVALUATION_FAILED,
            )

        state = f"Describe{prefix[0].upper()}{prefix[1:]}"
        return {
            f"{state}Endpoint": call(
                "Endpoint",
                {"EndpointName": plan.names.endpoint},
                {"config.$": "$.EndpointConfigName"},
                f"{state}EndpointConfig",
            ),
            f"{state}EndpointConfig": call(
                "EndpointConfig",
                {"EndpointConfigName.$": f"$.{prefix}Endpoint.config"},
                {"variant.$": "States.ArrayGetItem($.ProductionVariants, 0)"},
                f"{state}Model",
            ),
            f"{state}Model": call(
                "Model",
                {"ModelName.$": f"$.{prefix}EndpointConfig.variant.ModelName"},
                {"data.$": "$.PrimaryContainer.ModelDataUrl"},
                then,
            ),
        }

    return {
        **describe("served", "StartEvaluation"),
        **_job(
            plan,
            "Evaluation",
            start=start,
            api="ProcessingJob",
            limit_seconds=settings.evaluation_max_runtime_seconds + _AROUND_A_JOB_SECONDS,
            # What the comparison itself has said, else what SageMaker says of it.
            reasons={"EvaluationRefused": "ExitMessage", "EvaluationBroke": "FailureReason"},
            then="ReadComparison",
            failed=EVALUATION_FAILED,
        ),
        "ReadComparison": _task(
            plan,
            "s3:getObject",
            {
                "Bucket": plan.bucket_name,
                "Key.$": _format(f"{EVALUATIONS_PREFIX}{{}}/{COMPARISON}", "$.run.name"),
            },
            selected={"read.$": "States.StringToJson($.Body)"},
            result="$.comparison",
            then="DescribeServedNowEndpoint",
            failed=EVALUATION_FAILED,
        ),
        # Another run or a deployment may have replaced the model in the meantime: better than that was not shown.
        **describe("servedNow", "IsServedStill"),
        "IsServedStill": _choice(
            {"Variable": "$.servedNowModel.data", "StringEqualsPath": "$.servedModel.data", "Next": "KeepComparison"},
            default="RefuseOldComparison",
        ),
        "RefuseOldComparison": _failure(
            EVALUATION_FAILED,
            "OtherModelServed",
            _format(
                "compared with {}, but the endpoint serves {} by now: start another run",
                "$.servedModel.data",
                "$.servedNowModel.data",
            ),
        ),
        "KeepComparison": {
            "Type": "Pass",
            "Parameters": {"run.$": "$.run", "comparison.$": "$.comparison.read"},
            "Next": "IsBetter",
        },
        "IsBetter": _choice(
            {
                "Not": {
                    "And": [
                        {"Variable": better, "IsPresent": True},
                        {"Variable": better, "IsBoolean": True},
                        {"Variable": _REASON, "IsPresent": True},
                        {"Variable": _REASON, "IsString": True},
                    ]
                },
                "Next": "RefuseComparison",
            },
            {"Variable": better, "BooleanEquals": True, "Next": "PublishComparison"},
            default=f"Notify{NOT_BETTER}",
        ),
        "RefuseComparison": _failure(
            EVALUATION_FAILED,
            "ComparisonUnreadable",
            _format(f"{EVALUATIONS_PREFIX}{{}}/{COMPARISON} has not better (true or false) and reason", "$.run.name"),
        ),
    }


def _publishing(plan: RetrainingPlan) -> dict[str, State]:
    """The model under its version, after its reports, and its entry in the model registry."""
    job = f"{plan.bucket_name}/{TRAINING_OUTPUT_PREFIX}{{}}/output"
    evaluation = f"{plan.bucket_name}/{EVALUATIONS_PREFIX}{{}}"

    def copy(source: str, file: str, then: str) -> State:
        parameters = {
            "Bucket": plan.bucket_name,
            "CopySource.$": _format(f"{source}/{file}", "$.run.name"),
            "Key.$": _format(f"{MODELS_PREFIX}{{}}/{file}", "$.run.version"),
            # With the default, S3 wants the right to read tags, of which the jobs' objects have none.
            "TaggingDirective": "REPLACE",
        }
        return _task(plan, "s3:copyObject", parameters, then=then, failed=PUBLISHING_FAILED)

    version = f"s3://{plan.bucket_name}/{MODELS_PREFIX}{{}}"
    create_group = _task(
        plan,
        "sagemaker:createModelPackageGroup",
        {
            "ModelPackageGroupName": plan.names.model_package_group,
            "ModelPackageGroupDescription": "Detectors that a retraining has published",
            "Tags": _tags(plan),
        },
        then="RegisterModel",
        failed=PUBLISHING_FAILED,
    )
    return {
        "PublishComparison": copy(evaluation, COMPARISON, "PublishTrainingReport"),
        "PublishTrainingReport": copy(job, _TRAINING_REPORT, "PublishModel"),
        "PublishModel": copy(job, MODEL_ARCHIVE, "CreateModelGroup"),
        # After the first time there is the group, which SageMaker refuses; without a group the next state fails.
        "CreateModelGroup": _without(create_group, "Retry")
        | {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "RegisterModel"}]},
        "RegisterModel": _task(
            plan,
            "sagemaker:createModelPackage",
            {
                "ModelPackageGroupName": plan.names.model_package_group,
                "ModelPackageDescription.$": _format("{}: {}", "$.run.version", _REASON),
                "ModelApprovalStatus": "Approved",
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image": plan.inference_image,
                            "ModelDataUrl.$": _format(f"{version}/{MODEL_ARCHIVE}", "$.run.version"),
                            "Environment": model_environment(plan.endpoint),
                        }
                    ],
                    "SupportedContentTypes": ["application/json"],
                    "SupportedResponseMIMETypes": ["application/json"],
                },
                "ModelMetrics": {
                    "ModelQuality": {
                        "Statistics": {
                            "ContentType": "application/json",
                            "S3Uri.$": _format(f"{version}/{COMPARISON}", "$.run.version"),
                        }
                    }
                },
                # SageMaker would look into the bucket and the repository with rights that only the endpoint's role has.
                "SkipModelValidation": "All",
            },
            then="CreateModel",
            failed=PUBLISHING_FAILED,
        ),
    }


def _update(plan: RetrainingPlan) -> dict[str, State]:
    """The endpoint moves to the new model as it moves in a deployment, and goes back the same way."""
    endpoint = plan.endpoint
    limit = _wait_limit(endpoint.update_timeout_seconds + _AROUND_A_JOB_SECONDS)
    status = "$.update.status"
    alarms = " and the EndpointRollback alarms" if plan.rollback_alarm_names else ""
    under_way = _any(status, "Creating", "Updating", "SystemUpdating", "RollingBack")
    return {
        "CreateModel": _task(
            plan,
            "sagemaker:createModel",
            {
                "ModelName.$": "$.run.name",
                "ExecutionRoleArn": plan.inference_role_arn,
                "PrimaryContainer": {
                    "Image": plan.inference_image,
                    "ModelDataUrl.$": _format(
                        f"s3://{plan.bucket_name}/{MODELS_PREFIX}{{}}/{MODEL_ARCHIVE}", "$.run.version"
                    ),
                    "Environment": model_environment(endpoint),
                },
                "EnableNetworkIsolation": is_isolated(plan.names.inference),
                "Tags": _tags(plan),
            },
            then="CreateEndpointConfig",
            failed=UPDATE_FAILED,
        ),
        "CreateEndpointConfig": _task(
            plan,
            "sagemaker:createEndpointConfig",
            {
                "EndpointConfigName.$": "$.run.name",
                "ProductionVariants": [
                    {"VariantName": VARIANT_NAME, "ModelName.$": "$.run.name", **_variant_capacity(plan)}
                ],
                "Tags": _tags(plan),
            },
            then="UpdateEndpoint",
            failed=UPDATE_FAILED,
        ),
        "UpdateEndpoint": _task(
            plan,
            "sagemaker:updateEndpoint",
            {
                "EndpointName": plan.names.endpoint,
                "EndpointConfigName.$": "$.run.name",
                **_update_guardrails(plan),
            },
            selected={"polls": 0},
            result="$.wait",
            then="WaitForUpdate",
            failed=UPDATE_FAILED,
        ),
        "WaitForUpdate": {"Type": "Wait", "Seconds": limit.poll_seconds, "Next": "CountUpdatePoll"},
        "CountUpdatePoll": _count("DescribeUpdate"),
        "DescribeUpdate": _task(
            plan,
            "sagemaker:describeEndpoint",
            {"EndpointName": plan.names.endpoint},
            selected={"status.$": "$.EndpointStatus", "config.$": "$.EndpointConfigName"},
            result="$.update",
            then="UpdateEnded",
            failed=UPDATE_FAILED,
        ),
        "UpdateEnded": _choice(
            {"And": [under_way, limit.not_passed], "Next": "WaitForUpdate"},
            {**under_way, "Next": "UpdateOverdue"},
            {
                "And": [
                    {"Variable": status, "StringEquals": "InService"},
                    {"Variable": "$.update.config", "StringEqualsPath": "$.run.name"},
                ],
                "Next": f"Notify{PUBLISHED}",
            },
            # In service with what it served before.
            {"Variable": status, "StringEquals": "InService", "Next": "UpdateWentBack"},
            default="UpdateEndedBadly",
        ),
        "UpdateOverdue": _failure(
            UPDATE_FAILED, "TimeLimitPassed", _format("the endpoint is still {}", "$.update.status")
        ),
        "UpdateWentBack": _failure(
            UPDATE_ROLLED_BACK,
            "RolledBack",
            _format(
                f"the endpoint serves {{}} as before: see its log group{alarms}; {MODELS_PREFIX}{{}}/ is kept",
                "$.update.config",
                "$.run.version",
            ),
        ),
        "UpdateEndedBadly": _failure(
            UPDATE_FAILED, "EndpointNotInService", _format("the endpoint is {}", "$.update.status")
        ),
    }


def _variant_capacity(plan: RetrainingPlan) -> dict[str, Any]:
    """What the new model runs on: as in a deployment, instances or a serverless endpoint's limits."""
    if plan.names.inference == "serverless":
        serverless = plan.serverless
        return {
            "ServerlessConfig": {
                "MemorySizeInMB": serverless.memory_mb,
                "MaxConcurrency": serverless.max_concurrency,
            }
        }
    return {
        "InstanceType": plan.endpoint.instance_type,
        "InitialInstanceCount": plan.endpoint.initial_instances,
        "InitialVariantWeight": 1,
        "ContainerStartupHealthCheckTimeoutInSeconds": plan.endpoint.startup_timeout_seconds,
        "RoutingConfig": {"RoutingStrategy": ROUTING_STRATEGY},
    }


def _update_guardrails(plan: RetrainingPlan) -> dict[str, Any]:
    """How an update moves to a new fleet and back; SageMaker has this for endpoints with instances only."""
    if plan.names.inference == "serverless":
        return {}
    endpoint = plan.endpoint
    return {
        # Autoscaling owns the number of instances: the new fleet is as large as the old one.
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "ALL_AT_ONCE",
                    "WaitIntervalInSeconds": endpoint.bake_seconds,
                },
                "TerminationWaitInSeconds": endpoint.termination_wait_seconds,
                "MaximumExecutionTimeoutInSeconds": endpoint.update_timeout_seconds,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in plan.rollback_alarm_names]},
        },
    }


def _ends(plan: RetrainingPlan) -> Iterator[tuple[str, State]]:
    """For each end the message to the topic and the end itself, which a message that is not sent does not change."""
    endings = {
        NOT_BETTER: _format(
            "{} is not better than the deployed model and was not published: {}", "$.run.name", _REASON
        ),
        PUBLISHED: _format(
            f"{{}} is better and served: {{}}. It is {MODELS_PREFIX}{{}}/; so that the next deployment keeps it: "
            f"make retrain STAGE={plan.names.stage} EXECUTION={{}}",
            "$.run.name",
            _REASON,
            "$.run.version",
            "$$.Execution.Id",
        ),
        **{
            end: _format(
                f"{{}} ended as {end}: {{}}: {{}}. Execution: {{}}",
                "$.run.name",
                "$.failure.Error",
                "$.failure.Cause",
                "$$.Execution.Id",
            )
            for end in FAILURES
        },
    }
    for end, message in endings.items():
        yield (
            f"Notify{end}",
            {
                "Type": "Task",
                "Resource": plan.names.integration_arn("sns:publish"),
                "Parameters": {
                    "TopicArn": plan.topic_arn,
                    "Subject": f"Room detection {plan.names.stage}: retraining ended as {end}",
                    "Message.$": message,
                },
                "ResultPath": None,
                "Retry": _RETRY,
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": end}],
                "Next": end,
            },
        )
        failure = {"Type": "Fail", "Error": end, "CausePath": _format("{}: {}", "$.failure.Error", "$.failure.Cause")}
        yield end, failure if end in FAILURES else {"Type": "Succeed"}


@dataclass(frozen=True)
class _WaitLimit:
    """The pause between two looks, and how often to look."""

    poll_seconds: int
    polls: int

    @property
    def not_passed(self) -> Mapping[str, Any]:
        return {"Variable": "$.wait.polls", "NumericLessThan": self.polls}


def _wait_limit(seconds: int) -> _WaitLimit:
    poll_seconds = max(_LEAST_POLL_SECONDS, ceil(seconds / _MOST_POLLS))
    return _WaitLimit(poll_seconds, ceil(seconds / poll_seconds))


def _job(
    plan: RetrainingPlan,
    task: str,
    *,
    start: Mapping[str, Any],
    api: str,
    limit_seconds: int,
    reasons: Mapping[str, str],
    then: str,
    failed: str,
) -> dict[str, State]:
    """Starts a job of SageMaker's and looks at it until it has ended; stops it where that cannot be waited for.

    `reasons` gives, best first, what a description may have to say of a job that failed, each by the name of its state.
    """
    data = f"$.{task.lower()}"
    status = f"{data}.{api}Status"
    name = {f"{api}Name.$": "$.run.name"}
    limit = _wait_limit(limit_seconds)
    describe = _task(plan, f"sagemaker:describe{api}", name, result=data, then=f"{task}Ended", failed=failed)
    create = _task(
        plan,
        f"sagemaker:create{api}",
        start,
        selected={"polls": 0},
        result="$.wait",
        then=f"Describe{task}",
        failed=failed,
    )
    # A start whose answer was lost is refused when it is tried again: the job may be there.
    for state in (create, describe):
        state["Catch"][0]["Next"] = f"Stop{task}"
    stop = _task(plan, f"sagemaker:stop{api}", name, then=f"Notify{failed}", failed=failed)
    # What went wrong is why the job is stopped, not that it could not be.
    stop["Catch"][0]["ResultPath"] = None
    ended = _any(status, "Failed", "Stopped")
    return {
        f"Start{task}": create,
        f"Describe{task}": describe,
        f"{task}Ended": _choice(
            {"Variable": status, "StringEquals": "Completed", "Next": then},
            *(
                {"And": [ended, {"Variable": f"{data}.{field}", "IsPresent": True}], "Next": state}
                for state, field in reasons.items()
            ),
            {**ended, "Next": f"{task}Stopped"},
            {**limit.not_passed, "Next": f"WaitFor{task}"},
            default=f"{task}Overdue",
        ),
        f"WaitFor{task}": {"Type": "Wait", "Seconds": limit.poll_seconds, "Next": f"Count{task}Poll"},
        f"Count{task}Poll": _count(f"Describe{task}"),
        **{state: _failure(failed, "JobFailed", f"{data}.{field}") for state, field in reasons.items()},
        f"{task}Stopped": _failure(
            failed, "JobStopped", _format(f"the {task.lower()} job was stopped or its time was over: {{}}", status)
        ),
        f"{task}Overdue": _failure(failed, "TimeLimitPassed", _format(f"the {task.lower()} job is still {{}}", status))
        | {"Next": f"Stop{task}"},
        f"Stop{task}": stop,
    }


def _task(
    plan: RetrainingPlan,
    call: str,
    parameters: Mapping[str, Any],
    *,
    then: str,
    failed: str,
    result: str | None = None,
    selected: Mapping[str, Any] | None = None,
) -> State:
    """One call of AWS's: tried again, and once that is in vain the execution ends as `failed`."""
    return {
        "Type": "Task",
        "Resource": plan.names.integration_arn(f"aws-sdk:{call}"),
        "Parameters": parameters,
        **({"ResultSelector": selected} if selected is not None else {}),
        "ResultPath": result,
        "Retry": _RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"Notify{failed}"}],
        "Next": then,
    }


def _failure(end: str, error: str, cause: str) -> State:
    """What a failed task leaves, where no task has failed; `cause` is a text, a path or a function."""
    return {
        "Type": "Pass",
        "Parameters": {"Error": error, "Cause.$" if cause.startswith(("$", "States.")) else "Cause": cause},
        "ResultPath": "$.failure",
        "Next": f"Notify{end}",
    }


def _count(then: str) -> State:
    parameters = {"polls.$": "States.MathAdd($.wait.polls, 1)"}
    return {"Type": "Pass", "Parameters": parameters, "ResultPath": "$.wait", "Next": then}


def _choice(*choices: Mapping[str, Any], default: str) -> State:
    return {"Type": "Choice", "Choices": list(choices), "Default": default}


def _any(variable: str, *values: str) -> dict[str, Any]:
    return {"Or": [{"Variable": variable, "StringEquals": value} for value in values]}


def _format(text: str, *arguments: str) -> str:
    """A function of the language's that puts the arguments, paths or functions, into the braces of the text."""
    return f"States.Format('{text}', {', '.join(arguments)})"


def _without(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != key}


def _processing_input(name: str, uri: Mapping[str, str]) -> Mapping[str, Any]:
    source = {
        **uri,
        "LocalPath": f"{_PROCESSING_FOLDER}/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": source}


def _tags(plan: RetrainingPlan) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in plan.tags.items()]
