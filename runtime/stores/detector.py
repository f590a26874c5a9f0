"""The room detector: a SageMaker endpoint or a Lambda function, with the same answers and the same errors.

One try, no retries. Role: sagemaker:InvokeEndpoint on the endpoint, or lambda:InvokeFunction on the function.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.config import Config

from runtime.errors import DetectorError, DetectorTimeoutError, UnavailableError
from runtime.rooms import DetectedRoom, read_rooms
from runtime.stores.aws import RefusedError, TooSlowError, call, session
from runtime.tracing import Trace

# The detector server's answer while it loads its model, or when a request would wait too long.
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

# Lambda does not run the detector now: it does not exist, or is being prepared, as it must be after weeks without a
# call: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html ("function lifecycle").
_NOT_RUNNING = frozenset(
    {
        "CodeArtifactUserPendingException",
        "ResourceConflictException",
        "ResourceNotFoundException",
        "ResourceNotReadyException",
    }
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to reach a detector.

    Attributes:
        service, operation: the names in errors and traces.
        client: makes the boto3 client.
        invoke: takes a client, the detector's name, an image and its content type; returns the detector's answer.
        is_missing: whether AWS's error means that there is no detector now.
    """

    service: str
    operation: str
    client: Callable[[Config], Any]
    invoke: Callable[[Any, str, bytes, str], bytes]
    is_missing: Callable[[RefusedError], bool]


class Detector:
    """Finds the rooms of an image: one call with a time limit, its errors and its answer."""

    def __init__(self, way: Way, name: str, *, timeout_seconds: int, trace: Trace) -> None:
        self._way = way
        self._name = name
        self._trace = trace
        self._config = Config(
            connect_timeout=min(2, timeout_seconds),
            read_timeout=timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 1},
        )

    def detect(self, image: bytes, content_type: str, *, within_seconds: float) -> list[DetectedRoom]:
        """The rooms of an image, as the detector returns them.

        Raises DetectorTimeoutError after `within_seconds`, DetectorError for an answer that is not a valid list of
        rooms, UnavailableError if the detector is missing, busy or unreachable.
        """
        client, way = self._client, self._way  # created before the clock starts
        try:
            answer = call(
                self._trace,
                way.service,
                way.operation,
                within_seconds,
                lambda: way.invoke(client, self._name, image, content_type),
            )
        except TooSlowError as error:
            raise DetectorTimeoutError(
                f"The detector did not answer within {within_seconds:.0f} s: try again later."
            ) from error
        except RefusedError as error:
            raise self._refusal(error) from error
        return read_rooms(answer)

    @cached_property
    def _client(self) -> Any:
        return self._way.client(self._config)

    def _refusal(self, error: RefusedError) -> Exception:
        """What an error answer of AWS means to the caller."""
        if error.aws_code in _REFUSED_US:
            return error
        if self._way.is_missing(error):
            return UnavailableError("The detector is not deployed at the moment: try again later.")
        status = error.reply.get("OriginalStatusCode", error.aws_status)
        if status == _BUSY:
            return UnavailableError("The detector is busy: try again later.")
        return _failed(status)


def _invoke_endpoint(client: Any, name: str, image: bytes, content_type: str) -> bytes:
    reply = client.invoke_endpoint(EndpointName=name, ContentType=content_type, Accept="application/json", Body=image)
    return reply["Body"].read()


def _invoke_function(client: Any, name: str, image: bytes, _content_type: str) -> bytes:
    event = json.dumps({"image": base64.b64encode(image).decode()}).encode()
    reply = client.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=event)
    answer = reply["Payload"].read()
    if "FunctionError" in reply:  # it raised, crashed, or ran out of time or memory: its log has the reason
        raise _failed(0)
    if (status := _error_status(answer)) is not None:
        raise _failed(status)
    return answer


# One SageMaker endpoint, real-time or serverless.
ENDPOINT = Way(
    service="SageMaker",
    operation="InvokeEndpoint",
    client=lambda config: session().client("sagemaker-runtime", config=config),
    invoke=_invoke_endpoint,
    is_missing=lambda error: error.aws_code == "ValidationError" and "not found" in error.aws_message,
)
# One Lambda function that answers `{"image": "<base64>"}` as the endpoint answers the image.
FUNCTION = Way(
    service="Lambda",
    operation="Invoke",
    client=lambda config: session().client("lambda", config=config),
    invoke=_invoke_function,
    is_missing=lambda error: error.aws_code in _NOT_RUNNING,
)


def _failed(status: int) -> DetectorError:
    answered = f" with status {status}" if status else ""  # 0: there was no answer
    return DetectorError(f"The detector failed{answered}: try again, or upload another image.")


def _error_status(answer: bytes) -> int | None:
    """The status in the function's answer if it is an error document, else None."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "error" not in document:
        return None
    status = document.get("status")
    return status if isinstance(status, int) else 0
