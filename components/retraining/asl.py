"""The parts of the Amazon States Language that the retraining uses: each function returns a state or a part of one.

https://states-language.net/spec.html. Queries are JSONPath: JSONata needs a Java runtime in the embedded AWS, where the
tests run the document state by state.
"""

from collections.abc import Mapping
from typing import Any

from components.naming import Names

State = dict[str, Any]
States = dict[str, State]

# Throttling, outages and lost connections have different names in each service, so every error of a task is retried.
RETRY = [
    {
        "ErrorEquals": ["States.TaskFailed"],
        "IntervalSeconds": 5,
        "MaxAttempts": 4,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }
]


def task(
    names: Names,
    call: str,
    parameters: Mapping[str, Any],
    *,
    then: str,
    failed: str,
    result: str | None = None,
    selected: Mapping[str, Any] | None = None,
) -> State:
    """One call to AWS. It is retried; if every retry fails, the execution ends as `failed`."""
    return {
        "Type": "Task",
        "Resource": names.integration_arn(f"aws-sdk:{call}"),
        "Parameters": parameters,
        **({"ResultSelector": selected} if selected is not None else {}),
        "ResultPath": result,
        "Retry": RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"Notify{failed}"}],
        "Next": then,
    }


def failure(end: str, error: str, cause: str) -> State:
    """The data that a failed task leaves, for other failures; `cause` is a text, a path or a function."""
    return {
        "Type": "Pass",
        "Parameters": {"Error": error, "Cause.$" if cause.startswith(("$", "States.")) else "Cause": cause},
        "ResultPath": "$.failure",
        "Next": f"Notify{end}",
    }


def choice(*choices: Mapping[str, Any], default: str) -> State:
    """Goes to the target of the first choice whose condition holds, else to `default`."""
    return {"Type": "Choice", "Choices": list(choices), "Default": default}


def any_of(variable: str, *values: str) -> dict[str, Any]:
    """The condition that a text is one of these."""
    return {"Or": [{"Variable": variable, "StringEquals": value} for value in values]}


def formatted(text: str, *arguments: str) -> str:
    """The language's function that puts the arguments (paths or functions) into the braces of the text."""
    return f"States.Format('{text}', {', '.join(arguments)})"


def without(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The mapping without one key, which a state gives in another form."""
    return {name: value for name, value in mapping.items() if name != key}
