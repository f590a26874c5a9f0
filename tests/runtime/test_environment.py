"""The function's variables."""

import pytest

from runtime.environment import Environment, InvalidEnvironmentError
from tests.runtime.conftest import CONFIGURATION, DETECTED_BY_A_FUNCTION, DETECTOR_FUNCTION


def test_every_variable_is_read() -> None:
    environment = Environment.read({**CONFIGURATION, "TRACING": "true", "RECORD_TTL_DAYS": "7"})
    assert environment == Environment(
        bucket="blueprints-under-test",
        table="status-under-test",
        detector_variable="SAGEMAKER_ENDPOINT",
        detector_name="detector-under-test",
        allowed_origin="*",
        function_timeout_seconds=60,
        record_ttl_days=7,
        detector_timeout_seconds=20,
        tracing=True,
        log_level="INFO",
        service="room-detection",
        metrics_namespace="RoomDetection",
        stage="test",
    )


def test_a_function_is_the_detector_if_there_is_no_endpoint() -> None:
    environment = Environment.read({**CONFIGURATION, **DETECTED_BY_A_FUNCTION})
    assert (environment.detector_variable, environment.detector_name) == ("DETECTOR_FUNCTION", DETECTOR_FUNCTION)


def test_two_detectors_are_refused() -> None:
    with pytest.raises(
        InvalidEnvironmentError, match="DETECTOR_FUNCTION: 'f' is not allowed: must not be set together"
    ):
        Environment.read({**CONFIGURATION, "DETECTOR_FUNCTION": "f"})


def test_no_detector_is_refused() -> None:
    with pytest.raises(InvalidEnvironmentError, match="neither SAGEMAKER_ENDPOINT nor DETECTOR_FUNCTION is set"):
        Environment.read({**CONFIGURATION, "SAGEMAKER_ENDPOINT": ""})


@pytest.mark.parametrize("name", sorted(CONFIGURATION.keys() - {"SAGEMAKER_ENDPOINT"}))
def test_a_missing_variable_is_named(name: str) -> None:
    variables = {key: value for key, value in CONFIGURATION.items() if key != name}
    with pytest.raises(InvalidEnvironmentError, match=f"{name} is not set"):
        Environment.read(variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FUNCTION_TIMEOUT_SECONDS", "0"),
        ("FUNCTION_TIMEOUT_SECONDS", "-5"),
        ("RECORD_TTL_DAYS", "30.5"),
        ("RECORD_TTL_DAYS", "\u0663"),
        ("DETECTOR_TIMEOUT_SECONDS", "twenty"),
        ("TRACING", "True"),
        ("TRACING", "1"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: str) -> None:
    with pytest.raises(InvalidEnvironmentError, match=f"{name}: .* is not allowed: must be"):
        Environment.read({**CONFIGURATION, name: value})
