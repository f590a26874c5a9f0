"""The function's configuration, read once from its environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class InvalidEnvironmentError(Exception):
    """A variable is missing or malformed: the deployment is broken, so the function does not start."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Names of the resources that the function uses, its limits, and what it reports."""

    bucket: str
    table: str
    endpoint: str | None
    """The SageMaker endpoint that finds the rooms; None if a function does."""
    detector_function: str | None = None
    """The Lambda function that finds the rooms; None if an endpoint does."""
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
        endpoint, detector_function = _detector(variables)
        return cls(
            bucket=_text(variables, "S3_BUCKET"),
            table=_text(variables, "DYNAMODB_TABLE"),
            endpoint=endpoint,
            detector_function=detector_function,
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


def _detector(variables: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The names of the endpoint and of the function; a stage has one of the two."""
    endpoint, function = (variables.get(name) or None for name in ("SAGEMAKER_ENDPOINT", "DETECTOR_FUNCTION"))
    if endpoint is None and function is None:
        raise InvalidEnvironmentError(
            "neither SAGEMAKER_ENDPOINT nor DETECTOR_FUNCTION is set: the function's environment must have one of them"
        )
    if endpoint is not None and function is not None:
        raise InvalidEnvironmentError(
            f"DETECTOR_FUNCTION: {function!r} is not allowed: must not be set together with SAGEMAKER_ENDPOINT"
        )
    return endpoint, function


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
