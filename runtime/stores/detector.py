"""The room detector behind a SageMaker endpoint.

One try, no retries. Role: sagemaker:InvokeEndpoint on the endpoint.
"""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from runtime.errors import DetectorError, DetectorTimeoutError, UnavailableError
from runtime.stores.aws import RefusedError, TooSlowError, call, session
from runtime.tracing import Trace

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

COORDINATE_MAX = 1000

# Keeps a record far below DynamoDB's 400 KB: a room takes about 150 bytes there.
MAX_ROOMS = 1000

# SageMaker refused the function itself, not the image: a wrong policy or broken credentials.
_REFUSED_US = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "UnrecognizedClientException",
    }
)


@dataclass(frozen=True)
class Detection:
    """`bounding_box`: `[x_min, y_min, x_max, y_max]`, integers in 0..1000, min < max; `confidence` in 0..1."""

    bounding_box: list[int]
    confidence: float


class Detector:
    """One SageMaker endpoint."""

    def __init__(self, endpoint: str, *, timeout_seconds: int, trace: Trace) -> None:
        self._endpoint = endpoint
        self._timeout_seconds = timeout_seconds
        self._trace = trace

    @cached_property
    def _client(self) -> "SageMakerRuntimeClient":
        return session().client(
            "sagemaker-runtime",
            config=Config(
                connect_timeout=min(2, self._timeout_seconds),
                read_timeout=self._timeout_seconds,
                retries={"mode": "standard", "total_max_attempts": 1},
            ),
        )

    def detect(self, image: bytes, content_type: str, *, within_seconds: float) -> list[Detection]:
        """The rooms of an image, in the endpoint's order.

        Raises DetectorTimeoutError after `within_seconds`, DetectorError for an answer that is not a valid list of
        rooms, UnavailableError when the endpoint is missing, busy or out of reach.
        """
        client = self._client

        def invoke() -> bytes:
            reply = client.invoke_endpoint(
                EndpointName=self._endpoint, ContentType=content_type, Accept="application/json", Body=image
            )
            return reply["Body"].read()

        try:
            reply = call(self._trace, "SageMaker", "InvokeEndpoint", within_seconds, invoke)
        except TooSlowError as error:
            raise DetectorTimeoutError(
                f"The detector did not answer within {within_seconds:.0f} s: try again later."
            ) from error
        except RefusedError as error:
            raise _refusal(error) from error
        return _detections(reply)


def _refusal(error: RefusedError) -> Exception:
    """What an error answer of SageMaker means to the caller."""
    if error.aws_code in _REFUSED_US:
        return error
    if error.aws_code == "ValidationError" and "not found" in error.aws_message:
        return UnavailableError("The detector is not deployed at the moment: try again later.")
    status = error.reply.get("OriginalStatusCode", error.aws_status)
    answered = f" with status {status}" if status else ""  # 0: its container gave no answer at all
    return DetectorError(f"The detector failed{answered}: try again, or upload another image.")


def _detections(reply: bytes) -> list[Detection]:
    """The detections of an endpoint's answer. Raises DetectorError."""
    try:
        rooms = json.loads(reply)["rooms"]
        if not isinstance(rooms, list):
            raise TypeError("rooms is no list")
        if len(rooms) > MAX_ROOMS:
            raise ValueError(f"{len(rooms)} rooms, {MAX_ROOMS} are allowed")
        return [Detection(_bounding_box(room["bounding_box"]), _confidence(room["confidence"])) for room in rooms]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DetectorError("The detector's answer is no valid list of rooms: try again later.") from error


def _bounding_box(box: Any) -> list[int]:
    if not (isinstance(box, list) and len(box) == 4 and all(type(edge) is int for edge in box)):
        raise TypeError("a bounding box is no list of 4 integers")
    x_min, y_min, x_max, y_max = box
    if not (0 <= x_min < x_max <= COORDINATE_MAX and 0 <= y_min < y_max <= COORDINATE_MAX):
        raise ValueError(f"bounding box {box} is not within 0..{COORDINATE_MAX} with min < max")
    return box


def _confidence(confidence: Any) -> float:
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise TypeError("a confidence is no number")
    if not (math.isfinite(confidence) and 0 <= confidence <= 1):
        raise ValueError(f"confidence {confidence} is not within 0..1")
    return float(confidence)
