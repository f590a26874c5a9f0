"""The record of AWS calls that the stack's roles make, one JSON line per call.

Calls with the engine's own credentials (the deployment) are not recorded. The record shows which calls a role's policy
must allow, and how long the embedded AWS and the endpoint took. The embedded AWS and the SageMaker runtime both append
to one file.
"""

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

ABANDONED = 0  # instead of a status, if the caller did not wait for the answer


@dataclass(frozen=True, kw_only=True)
class Call:
    """One AWS call.

    Attributes:
        started: Unix time in seconds.
        seconds: from the request's arrival to the end of its answer.
        role: ARN of the role whose session credentials signed the call.
        action: its name in policies, such as `dynamodb:UpdateItem`.
        resource: ARN; `*` for an action without resources; None if the recorder cannot determine it.
        conditions: the call's condition keys, each with its values.
        status: HTTP status of the answer, or `ABANDONED`.
    """

    started: float
    seconds: float
    role: str
    action: str
    resource: str | None
    conditions: Mapping[str, list[str]] = field(default_factory=dict)
    status: int


class CallLog:
    """A file of calls that several processes append to: each line is one write, so that lines are never mixed."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def append(self, *calls: Call) -> None:
        lines = "".join(json.dumps(asdict(call)) + "\n" for call in calls)
        with self._lock:
            os.write(self._descriptor, lines.encode())

    def close(self) -> None:
        os.close(self._descriptor)


def read_calls(path: Path) -> list[Call]:
    """Every call recorded so far, in order of their end."""
    return [Call(**json.loads(line)) for line in path.read_text().splitlines()]


def conditions_of_every_call(region: str) -> dict[str, list[str]]:
    """The global condition keys of a call. Plain HTTP on the loopback device counts as AWS's TLS endpoints here."""
    return {"aws:RequestedRegion": [region], "aws:SecureTransport": ["true"]}


def signature_scope(authorization: str | None) -> tuple[str, str, str] | None:
    """Access key, region and service of a Signature Version 4 `Authorization` header; None for an unsigned request."""
    match = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request", authorization or "")
    return (match[1], match[2], match[3]) if match else None
