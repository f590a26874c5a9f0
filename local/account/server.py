"""The embedded AWS: moto's server as a separate process, which records the calls that roles make.

`python -m local.account.server --fd FD --calls FILE` serves on an inherited listening socket, so that the parent
process knows the address at once and can connect before the server is ready.
"""

import argparse
import io
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIEnvironment

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sts.models import sts_backends
from werkzeug.serving import make_server

from console.command import collect_garbage_seldom
from local.account.actions import SignedRequest, authorizations
from local.account.calls import Call, CallLog, signature_scope
from local.account.moto_services import import_services

_LARGEST_PARSED_BODY = 20_000_000  # DynamoDB's batches end at 16 MB; objects are never parsed


class QuietRequestHandler(MotoRequestHandler):
    """moto's handler with fast answers on a kept-alive connection, and without a line on stderr for each call."""

    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Calls are in the record."""


class RecordingApplication:
    """moto's application; writes every call of a role's session to the record."""

    def __init__(self, application: Callable[..., Iterable[bytes]], log: CallLog) -> None:
        self._application = application
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        started, clock = time.time(), time.perf_counter()
        scope = signature_scope(environ.get("HTTP_AUTHORIZATION"))
        caller = _assumed_role(scope[0]) if scope else None
        if scope is None or caller is None:
            return self._application(environ, start_response)
        account, role = caller
        request = _signed_request(environ, account, scope[1], scope[2])
        statuses: list[int] = []

        def remember_status(status: str, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, *rest)

        # moto's answers are complete when its application returns: recorded before they are sent, a call is in the
        # record when its caller has the answer.
        answer = self._application(environ, remember_status)
        seconds = time.perf_counter() - clock
        self._log.append(
            *(
                Call(
                    started=started,
                    seconds=seconds,
                    role=role,
                    action=needed.action,
                    resource=needed.resource,
                    conditions=needed.conditions,
                    status=statuses[-1],
                )
                for needed in authorizations(request)
            )
        )
        return answer


def _assumed_role(access_key: str) -> tuple[str, str] | None:
    """Account and role ARN of a session's access key; None for a key that no role's session has."""
    for account, partitions in list(sts_backends.items()):
        session = partitions["aws"].get_assumed_role_from_access_key(access_key)
        if session is not None:
            return account, session.role_arn
    return None


def _signed_request(environ: WSGIEnvironment, account: str, region: str, service: str) -> SignedRequest:
    body = b""
    if service != "s3":
        body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _LARGEST_PARSED_BODY))
        environ["wsgi.input"] = io.BytesIO(body)
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    return SignedRequest(
        account=account,
        region=region,
        service=service,
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=body,
    )


def serve(descriptor: int, calls: Path) -> None:
    """Serves until it is killed."""
    # While the program is still being read.
    threading.Thread(target=import_services, daemon=True).start()
    application = RecordingApplication(DomainDispatcherApplication(create_backend_app), CallLog(calls))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietRequestHandler, fd=descriptor)
    server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.account.server", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="descriptor of a listening socket")
    parser.add_argument("--calls", type=Path, required=True, help="file to append the record of calls to")
    arguments = parser.parse_args()
    os.environ.pop("AWS_PROFILE", None)
    collect_garbage_seldom()
    serve(arguments.fd, arguments.calls)
