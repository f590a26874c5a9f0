"""What an IAM policy allows."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any


def allowed(document: Mapping[str, Any], action: str, resource: str) -> list[dict[str, Any]]:
    """The statements that allow it, whatever their conditions."""
    return [
        statement
        for statement in document["Statement"]
        if any(fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
    ]
