"""The retraining's document in the Amazon States Language, as a pure function."""

from typing import Any

from components.retraining.endings import endings
from components.retraining.evaluation import evaluation
from components.retraining.plan import RetrainingPlan
from components.retraining.publishing import publishing
from components.retraining.request import request
from components.retraining.training import training
from components.retraining.update import update


def retraining_definition(plan: RetrainingPlan) -> dict[str, Any]:
    """The whole state machine: train, compare, publish what is better, serve it."""
    return {
        "Comment": "Trains the detector again, and serves the result if it is better than the served model",
        "StartAt": "Prepare",
        "States": {
            **request(plan),
            **training(plan),
            **evaluation(plan),
            **publishing(plan),
            **update(plan),
            **endings(plan),
        },
    }
