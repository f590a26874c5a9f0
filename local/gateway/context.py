"""`$context` variables, which gateway responses and access logs may use."""

import json
import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")


def fill(template: str, variables: Mapping[str, object], missing: str) -> str:
    """The template with its `$context` variables filled in; one without a value becomes `missing`."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1])
        return missing if found is None else str(found)

    return _VARIABLE.sub(value, template)


def error_variables(response_type: str, message: str, validation: str | None) -> dict[str, object]:
    """The variables that exist in the answer to a failed request."""
    return {
        "error.message": message,
        "error.messageString": json.dumps(message),
        "error.responseType": response_type,
        "error.validationErrorString": validation,
    }
