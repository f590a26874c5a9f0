"""The room detector: a SageMaker endpoint or a Lambda function, with the same answers and the same errors.

One try, no retries. Role: sagemaker:InvokeEndpoint on the endpoint, or lambda:InvokeFunction on the function.
"""

import base64
import json
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config

from runtime.errors import DetectorError, DetectorTimeoutError, UnavailableError
from runtime.stores.aws import RefusedError, TooSlowError, call, session
from runtime.tracing import Trace

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

COORDINATE_MAX = 1000

# Keeps a record far below DynamoDB's 400 KB: a room takes about 150 bytes there.
MAX_ROOMS = 1000

# What the detector's server answers while it loads its model, or where a request would wait too long.
_BUSY = 503

# AWS refused the function itself, not the image: a wrong policy or broken credentials.
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

# Lambda does not run the detector now: it is not there, or it is being prepared. After weeks without a call it has to
# be: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html ("function lifecycle").
_NOT_RUNNING = frozenset(
    {
        "CodeArtifactUserPendingException",
        "ResourceConflictException",
        "ResourceNotFoundException",
        "ResourceNotReadyException",
    }
)


@dataclass(frozen=True)
class Detection:
    """`bounding_box`: `[x_min, y_min, x_max, y_max]`, integers in 0..1000, min < max; `confidence` in 0..1."""

    bounding_box: list[int]
    confidence: float


class Detector(Protocol):
    """What finds the rooms of an image."""

    def detect(self, image: bytes, content_type: str, *, within_seconds: float) -> list[Detection]:
        """The rooms of an image, in the detector's order.

        Raises DetectorTimeoutError after `within_seconds`, DetectorError for an answer that is not a valid list of
        rooms, UnavailableError when the detector is missing, busy or out of reach.
        """
        ...


class _AwsDetector(ABC):
    """What both detectors have in common: one call in a limited time, its errors, its answer."""

    _service: str
    _operation: str

    def __init__(self, name: str, *, timeout_seconds: int, trace: Trace) -> None:
        self._name = name
        self._trace = trace
        self._config = Config(
            connect_timeout=min(2, timeout_seconds),
            read_timeout=timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 1},
        )

    def detect(self, image: bytes, content_type: str, *, within_seconds: float) -> list[Detection]:
        """See `Detector.detect`."""
        client = self._client  # made before the time starts
        try:
            reply = call(
                self._trace,
                self._service,
                self._operation,
                within_seconds,
                lambda: self._invoke(client, image, content_type),
            )
        except TooSlowError as error:
            raise DetectorTimeoutError(
                f"The detector did not answer within {within_seconds:.0f} s: try again later."
            ) from error
        except RefusedError as error:
            raise self._refusal(error) from error
        return _detections(reply)

    @cached_property
    def _client(self) -> Any:
        return self._make_client()

    @abstractmethod
    def _make_client(self) -> Any: ...

    @abstractmethod
    def _invoke(self, client: Any, image: bytes, content_type: str) -> bytes:
        """The detector's answer."""

    @abstractmethod
    def _is_missing(self, error: RefusedError) -> bool:
        """Whether AWS says that there is no detector now."""

    def _refusal(self, error: RefusedError) -> Exception:
        """What an error answer of AWS's means to the caller."""
        if error.aws_code in _REFUSED_US:
            return error
        if self._is_missing(error):
            return UnavailableError("The detector is not deployed at the moment: try again later.")
        status = error.reply.get("OriginalStatusCode", error.aws_status)
        if status == _BUSY:
            return UnavailableError("The detector is busy: try again later.")
        return _failed(status)


class EndpointDetector(_AwsDetector):
    """One SageMaker endpoint, real-time or serverless."""

    _service, _operation = "SageMaker", "InvokeEndpoint"

    def _make_client(self) -> "SageMakerRuntimeClient":
        return session().client("sagemaker-runtime", config=self._config)

    def _invoke(self, client: "SageMakerRuntimeClient", image: bytes, content_type: str) -> bytes:
        reply = client.invoke_endpoint(
            EndpointName=self._name, ContentType=content_type, Accept="application/json", Body=image
        )
        return reply["Body"].read()

    def _is_missing(self, error: RefusedError) -> bool:
        return error.aws_code == "ValidationError" and "not found" in error.aws_message


class FunctionDetector(_AwsDetector):
    """One Lambda function that answers `{"image": "<base64>"}` as the endpoint answers the image."""

    _service, _operation = "Lambda", "Invoke"

    def _make_client(self) -> Any:
        return session().client("lambda", config=self._config)

    def _invoke(self, client: Any, image: bytes, content_type: str) -> bytes:  # noqa: ARG002 - told by bytes
        event = json.dumps({"image": base64.b64encode(image).decode()}).encode()
        reply = client.invoke(FunctionName=self._name, InvocationType="RequestResponse", Payload=event)
        answer = reply["Payload"].read()
        if "FunctionError" in reply:  # it raised, crashed, ran out of time or of memory: its log has the reason
            raise _failed(0)
        if (status := _error_status(answer)) is not None:
            raise _failed(status)
        return answer

    def _is_missing(self, error: RefusedError) -> bool:
        return error.aws_code in _NOT_RUNNING


def _failed(status: int) -> DetectorError:
    answered = f" with status {status}" if status else ""  # 0: it gave no answer at all
    return DetectorError(f"The detector failed{answered}: try again, or upload another image.")


def _error_status(answer: bytes) -> int | None:
    """The status in the function's answer where it is an error document, else None."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "error" not in document:
        return None
    status = document.get("status")
    return status if isinstance(status, int) else 0


def _detections(reply: bytes) -> list[Detection]:
    """The detections of a detector's answer. Raises DetectorError."""
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
