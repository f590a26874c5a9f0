"""The detector as a Lambda function: the server's detection without HTTP, invoked by the function behind the API.

The event is `{"image": "<base64>"}`, the answer the JSON of `POST /invocations`. A bad event or image also gives an
answer: the server's error document with the HTTP status. Any other error is raised, so that Lambda counts it as an
error of the function.
"""

import logging
import math
import time
from collections.abc import Mapping
from typing import Protocol, Self, TypedDict

from images.inference import payload
from images.inference.cores import available_cores
from images.inference.detector import Answer, Detector
from images.inference.errors import RequestError
from images.inference.settings import read_settings

LOGGER = logging.getLogger("images.inference")

MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
# "At 1,769 MB, a function has the equivalent of one vCPU":
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MEMORY_MB_PER_VCPU = 1769


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    @property
    def aws_request_id(self) -> str: ...


class ErrorDetail(TypedDict):
    code: str
    message: str


class ErrorAnswer(TypedDict):
    """The server's error document, and its HTTP status."""

    status: int
    error: ErrorDetail
    request_id: str


class DetectorFunction:
    """The handler that Lambda calls: one image per call, one call at a time."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Loads the model that the environment names, with as many threads as the function's memory gives vCPUs.

        Raises:
            SettingsError: a variable is not allowed.
            ModelError: the weights cannot be served.
        """
        started = time.perf_counter()
        settings, cores = read_settings(environment), function_cores(environment)
        detector = Detector(settings, cores)
        function = cls(detector)
        fields = {
            "model_path": str(settings.model_path),
            "precision": detector.precision,
            "precision_reason": detector.precision_reason,
            "views": settings.views,
            "cores": cores,
            "load_ms": _milliseconds_since(started),
        }
        LOGGER.info("ready", extra={"fields": fields})
        return function

    def __call__(self, event: object, context: Context) -> Answer | ErrorAnswer:
        """Answers one event and logs one line about it, without any image data."""
        started = time.perf_counter()
        try:
            answer = self._detector.detect(payload.image_field(event))
        except RequestError as error:
            cause = {} if error.__cause__ is None else {"cause": repr(error.__cause__)}
            _log(context, error.status, started, code=error.code, **cause)
            return {
                "status": error.status,
                "error": {"code": error.code, "message": str(error)},
                "request_id": context.aws_request_id,
            }
        size = answer["image"]
        _log(
            context,
            200,
            started,
            image_width=size["width"],
            image_height=size["height"],
            rooms=len(answer["rooms"]),
        )
        return answer


def function_cores(environment: Mapping[str, str]) -> int:
    """The number of threads that a function's CPU share can keep busy; more would wait for each other.

    Lambda shows a function whole CPUs, but limits its use of them by its memory.
    """
    cores = available_cores()
    memory_mb = environment.get(MEMORY_VARIABLE, "")
    return min(cores, math.ceil(int(memory_mb) / MEMORY_MB_PER_VCPU)) if memory_mb.isdecimal() else cores


def _log(context: Context, status: int, started: float, **fields: object) -> None:
    about = {"request_id": context.aws_request_id, "status": status, **fields, "total_ms": _milliseconds_since(started)}
    LOGGER.info("request", extra={"fields": about})


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
