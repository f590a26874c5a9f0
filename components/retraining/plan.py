"""What every part of the state machine knows: what it uses, how a run may end, and the run's data.

Every run goes by one name, the stage and the second at which it started. Its data, by key: `run` (`name`, `version`),
`defaults`, `overrides` and `request` (hyperparameters, instance type, time limit), what was described last (`training`,
`servedModel`, `evaluation`, `update` ...), `wait` (`polls`) and, where something went wrong, `failure`.
Once the models are compared it is `run` and `comparison`, which are the output of an execution that succeeds.
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

    @property
    def request_tags(self) -> list[dict[str, str]]:
        """The tags as SageMaker's requests have them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]
