"""What an IAM policy allows."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

# How a condition compares what a request has with what it asks for. Others than those of the project's policies are an
# error here. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_COMPARED = {
    "StringEquals": str.__eq__,
    "StringLike": fnmatchcase,
    "ArnLike": fnmatchcase,
    "Bool": str.__eq__,
}


def allowed(document: Mapping[str, Any], action: str, resource: str) -> list[dict[str, Any]]:
    """The statements that allow it, whatever their conditions."""
    return [one for one in document["Statement"] if one["Effect"] == "Allow" and _is_of(one, action, resource)]


def permitted(document: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a statement allows it whose conditions hold, and none denies it.

    Args:
        context: the keys that conditions may ask for, such as `aws:RequestTag/stage`.
    """
    return any(
        _holds(statement.get("Condition", {}), context) for statement in allowed(document, action, resource)
    ) and not denied(document, action, resource, context)


def denied(document: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a statement denies it whose conditions hold."""
    return any(
        one["Effect"] == "Deny" and _is_of(one, action, resource) and _holds(one.get("Condition", {}), context)
        for one in document["Statement"]
    )


def _is_of(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in _listed(statement["Action"])) and any(
        fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"])
    )


def _holds(condition: Mapping[str, Mapping[str, str | Sequence[str]]], context: Mapping[str, str]) -> bool:
    """Every operator and every key of it must hold, with one of the values that it names."""
    for operator, asked in condition.items():
        compare = _COMPARED[operator.removesuffix("IfExists")]
        for key, values in asked.items():
            if key not in context:
                if operator.endswith("IfExists"):
                    continue
                return False
            if not any(compare(context[key], value) for value in _listed(values)):
                return False
    return True


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
