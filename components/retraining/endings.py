"""The ends of a run, and the message to the topic for each."""

from collections.abc import Mapping

from components.naming import MODELS_PREFIX
from components.retraining.asl import RETRY, State, States, formatted
from components.retraining.plan import FAILURES, NOT_BETTER, PUBLISHED, REASON, RetrainingPlan


def endings(plan: RetrainingPlan) -> States:
    """For each end, the message to the topic, and the end itself, which is the same if the message fails."""
    states: States = {}
    for end, message in _messages(plan.names.stage).items():
        states[f"Notify{end}"] = _notification(plan, end, message)
        states[end] = _end(end)
    return states


def _messages(stage: str) -> Mapping[str, str]:
    return {
        NOT_BETTER: formatted(
            "{} is not better than the deployed model and was not published: {}", "$.run.name", REASON
        ),
        PUBLISHED: formatted(
            f"{{}} is better and served: {{}}. It is {MODELS_PREFIX}{{}}/; so that the next deployment keeps it: "
            f"make retrain STAGE={stage} EXECUTION={{}}",
            "$.run.name",
            REASON,
            "$.run.version",
            "$$.Execution.Id",
        ),
        **{
            end: formatted(
                f"{{}} ended as {end}: {{}}: {{}}. Execution: {{}}",
                "$.run.name",
                "$.failure.Error",
                "$.failure.Cause",
                "$$.Execution.Id",
            )
            for end in FAILURES
        },
    }


def _notification(plan: RetrainingPlan, end: str, message: str) -> State:
    return {
        "Type": "Task",
        "Resource": plan.names.integration_arn("sns:publish"),
        "Parameters": {
            "TopicArn": plan.topic_arn,
            "Subject": f"Room detection {plan.names.stage}: retraining ended as {end}",
            "Message.$": message,
        },
        "ResultPath": None,
        "Retry": RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": end}],
        "Next": end,
    }


def _end(end: str) -> State:
    if end not in FAILURES:
        return {"Type": "Succeed"}
    return {"Type": "Fail", "Error": end, "CausePath": formatted("{}: {}", "$.failure.Error", "$.failure.Cause")}
