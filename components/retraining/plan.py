"""What all parts of the state machine share: its inputs, the ends of a run, and the run's data.

A run is named after the stage and the second at which it started. Its data, by key: `run` (`name`, `version`),
`defaults`, `overrides` and `request` (hyperparameters, instance type, time limit), the last descriptions (`training`,
`servedModel`, `evaluation`, `update` ...), `wait` (`polls`) and, after an error, `failure`.
After the comparison it is `run` and `comparison`, which are the output of a successful execution.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.naming import Names
from components.settings.groups import EndpointSettings, RetrainingSettings, ServerlessSettings

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

# The comparison's report, and its reason in a run's data.
COMPARISON = "comparison.json"
REASON = "$.comparison.reason"


@dataclass(frozen=True, kw_only=True)
class RetrainingPlan:
    """What the state machine uses.

    Attributes:
        training: SageMaker's CreateTrainingJob request without TrainingJobName.
        training_limit_seconds: the longest time from the training job's creation to its end.
        serverless: settings of a serverless endpoint, instead of instances.
        inference_image: the image of the endpoint.
        evaluation_role_arn, inference_role_arn: roles of the comparison and of the endpoint.
        rollback_alarm_names: the alarms that roll back an update of the endpoint.
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

    @property
    def request_tags(self) -> list[dict[str, str]]:
        """The tags in the format of SageMaker's requests."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]
