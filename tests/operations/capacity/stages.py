"""A stage of the defaults, without a file, and what bills and limits need beside it."""

from typing import Any

from components.settings.stage import parse_settings
from operations.capacity.measurements import Measurements
from operations.capacity.prices import load_prices
from operations.capacity.stage import ServedStage

# Round figures of these tests' own: the repository's change with every measurement.
MEASURED = Measurements.model_validate(
    {
        "measured_on": "2026-01-02",
        "machine": "two cores",
        "detector": {
            "command": "none",
            "precision": "float32",
            "cores": 2,
            "requests_per_second": 18,
            "latency_ms": 55,
            "variation": 0.2,
        },
        "function": {
            "command": "none",
            "upload": {"core_ms": 85, "waiting_ms": 8},
            "process": {"core_ms": 44, "waiting_ms": 48},
            "status": {"core_ms": 13, "waiting_ms": 23},
            "image_kb": 323,
            "detector_image_kb": 81,
            "answer_kb": 1,
        },
        "assumed": {
            "instance_start_seconds": 300,
            "serverless_cold_start_seconds": 10,
            "function_cold_start_seconds": 4,
            "idle_seconds": 600,
            "invocation_ms": 10,
            "server_queue_seconds": 15,
            "execution_log_kb": 3,
            "access_log_kb": 0.6,
            "function_log_kb": 1.5,
            "detector_log_kb": 0.5,
            "ecr_gb": 10,
        },
    }
)
PRICES = load_prices()


def stage(**settings: Any) -> ServedStage:
    """The defaults with these settings, camelCase as in a stage's file."""
    parsed = parse_settings(settings, key="settings")
    return ServedStage(name="dev", settings=parsed, measured=MEASURED, prices=PRICES)
