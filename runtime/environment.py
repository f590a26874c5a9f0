"""The function's configuration, read once from its environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

# The variable that is set says what finds the rooms, a SageMaker endpoint or a Lambda function; its value, which one.
DetectorVariable = Literal["SAGEMAKER_ENDPOINT", "DETECTOR_FUNCTION"]


class InvalidEnvironmentError(Exception):
    """A variable is missing or malformed: the deployment is broken, so the function does not start."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Names of the resources that the function uses, its limits, and what it reports."""

    bucket: str
    table: str
    detector_variable: DetectorVariable
    detector_name: str
    allowed_origin: str
    """`*`, or the only origin whose pages may read the answers."""
    function_timeout_seconds: int
    """When Lambda kills an invocation: nothing works on a `processing` record older than this."""
    record_ttl_days: int
    detector_timeout_seconds: int
    tracing: bool
    log_level: str
    service: str
    metrics_namespace: str
    stage: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """Parse `variables` (usually `os.environ`).

        Raises InvalidEnvironmentError, naming the variable, its value and what is allowed.
        """
        detector_variable, detector_name = _detector(variables)
        return cls(
            bucket=_text(variables, "S3_BUCKET"),
            table=_text(variables, "DYNAMODB_TABLE"),
            detector_variable=detector_variable,
            detector_name=detector_name,
            allowed_origin=_text(variables, "ALLOWED_ORIGIN"),
            function_timeout_seconds=_positive(variables, "FUNCTION_TIMEOUT_SECONDS"),
            record_ttl_days=_positive(variables, "RECORD_TTL_DAYS"),
            detector_timeout_seconds=_positive(variables, "DETECTOR_TIMEOUT_SECONDS"),
            tracing=_switch(variables, "TRACING"),
            log_level=_text(variables, "LOG_LEVEL"),
            service=_text(variables, "POWERTOOLS_SERVICE_NAME"),
            metrics_namespace=_text(variables, "POWERTOOLS_METRICS_NAMESPACE"),
            stage=_text(variables, "STAGE"),
        )


def _detector(variables: Mapping[str, str]) -> tuple[DetectorVariable, str]:
    """The only one of the detector's variables that is set, and its value."""
    allowed: tuple[DetectorVariable, ...] = get_args(DetectorVariable)
    found: list[tuple[DetectorVariable, str]] = [
        (variable, name) for variable in allowed if (name := variables.get(variable))
    ]
    if not found:
        raise InvalidEnvironmentError(
            f"neither {' nor '.join(allowed)} is set: the function's environment must have one of them"
        )
    if len(found) > 1:
        (first, _), (second, name), *_ = found
        raise InvalidEnvironmentError(f"{second}: {name!r} is not allowed: must not be set together with {first}")
    return found[0]


def _text(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise InvalidEnvironmentError(f"{name} is not set: add it to the function's environment")
    return value


def _positive(variables: Mapping[str, str], name: str) -> int:
    value = _text(variables, name)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise InvalidEnvironmentError(f"{name}: {value!r} is not allowed: must be an integer from 1")
    return int(value)


def _switch(variables: Mapping[str, str], name: str) -> bool:
    value = _text(variables, name)
    if value not in ("true", "false"):
        raise InvalidEnvironmentError(f"{name}: {value!r} is not allowed: must be true or false")
    return value == "true"
