"""What the stores share: clients that are made once, and calls with a time limit that raise the project's errors."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import TypeVar

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from runtime.errors import InternalError, UnavailableError
from runtime.tracing import Trace

Result = TypeVar("Result")

# Error codes that mean "try again later". Errors with status 429 or 503 are recognised by the status.
_NOT_NOW = frozenset(
    {
        "InternalError",  # S3
        "InternalServerError",  # DynamoDB
        "LimitExceededException",
        "OperationAborted",  # S3
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",  # S3
        "ServiceUnavailable",
        "SlowDown",  # S3
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class TooSlowError(UnavailableError):
    """The service did not answer in time; the request may or may not have been carried out."""


class RefusedError(InternalError):
    """The service answered with an error. A store turns expected codes into errors of their own."""

    def __init__(self, service: str, operation: str, error: ClientError) -> None:
        details = error.response.get("Error", {})
        self.aws_code = details.get("Code", "")
        self.aws_message = details.get("Message", "")
        self.aws_status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        self.reply = error.response
        super().__init__(f"{service} refused {operation}: {self.aws_code} {self.aws_message}")


@cache
def session() -> boto3.session.Session:
    """The only session of the process: its clients share the loaded service descriptions and the credentials."""
    return boto3.session.Session()


def within(seconds: float, request: Callable[[], Result]) -> Result:
    """The result of `request()`, or TimeoutError after `seconds`, whatever takes so long.

    Socket timeouts limit a single read: not a name lookup, not all retries together, not a body that arrives slowly.
    The abandoned thread ends with its own socket timeout; nothing waits for it.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(request())
        except BaseException as error:  # passed to the caller, which raises it
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(timeout=seconds)


def call(trace: Trace, service: str, operation: str, seconds: float, request: Callable[[], Result]) -> Result:
    """The result of `request()`: one `operation` of `service`, traced, in at most `seconds`.

    Raises TooSlowError, UnavailableError (throttled, failing or unreachable) or RefusedError (any other error answer).
    """
    try:
        with trace(service, operation):
            return within(seconds, request)
    except (TimeoutError, ConnectTimeoutError, ReadTimeoutError) as error:
        raise TooSlowError(f"{service} did not answer within {seconds:.0f} s: try again.") from error
    except ClientError as error:
        refused = RefusedError(service, operation, error)
        if refused.aws_code in _NOT_NOW or refused.aws_status in (429, 503):
            raise UnavailableError(f"{service} is busy ({refused.aws_code}): try again.") from error
        raise refused from error
    except (AwsConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise UnavailableError(f"{service} cannot be reached: try again.") from error
    except BotoCoreError as error:
        raise InternalError(f"{service} {operation} could not be sent: {error}") from error
