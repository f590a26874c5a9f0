"""What the function talks to here: moto's server, which can be told to fail, and a detector that misbehaves."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


@dataclass
class Fault:
    """Answers the requests that match with an error instead of passing them to moto."""

    operation: str
    """`PutItem`, `UpdateItem`, `GetItem`, or a method and the start of a path: `PUT /bucket/blueprints/`."""
    status: int
    body: str
    skip: int = 0
    """How many matching requests still go through first."""
    times: int | None = None
    """How many then fail; None for all."""

    def strikes(self, method: str, path: str, target: str) -> bool:
        """Whether this request fails."""
        if self.operation != target.rpartition(".")[2] and not f"{method} {path}".startswith(self.operation):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


class AwsServer:
    """moto's S3 and DynamoDB on a free port."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.lost_answers: list[str] = []
        """Operations whose next answer is replaced by a dropped one (500), though the request was carried out."""
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def throttle_table(self, operation: str, *, skip: int = 0, times: int | None = None) -> None:
        """Let DynamoDB refuse `operation` for too many requests: after `skip` of them, `times` often."""
        code = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        self.faults.append(Fault(operation, 400, json.dumps({"__type": code, "message": "Slow down"}), skip, times))

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        for fault in self.faults:
            if fault.strikes(method, path, target):
                start_response(f"{fault.status} Fault", [("Content-Type", "application/x-amz-json-1.0")])
                return [fault.body.encode()]
        operation = target.rpartition(".")[2]
        if operation in self.lost_answers:
            self.lost_answers.remove(operation)
            list(self._moto(environ, lambda *_: None))
            start_response("500 Lost", [("Content-Type", "application/x-amz-json-1.0")])
            return [b'{"__type": "InternalServerError", "message": "lost"}']
        return self._moto(environ, start_response)


@dataclass
class Reply:
    """One answer of the detector."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def rooms_reply(*rooms: tuple[list[int], float]) -> Reply:
    """The endpoint's answer for boxes and confidences."""
    listed = [{"id": f"room_{n}", "bounding_box": box, "confidence": conf} for n, (box, conf) in enumerate(rooms, 1)]
    return Reply(body=json.dumps({"rooms": listed, "image": {"width": 640, "height": 640}}).encode())


def error_reply(status: int, code: str, message: str, **fields: Any) -> Reply:
    """An error the way the SageMaker runtime and Lambda give it."""
    body = json.dumps({"message": message, **fields}).encode()
    return Reply(status, body, {"x-amzn-ErrorType": code})


TWO_ROOMS = rooms_reply(([500, 500, 900, 900], 0.9877), ([100, 100, 300, 500], 0.5432))


@dataclass(frozen=True)
class Invocation:
    """What the detector was sent: to a function the image is its event."""

    path: str
    content_type: str
    accept: str
    image: bytes


class DetectorServer:
    """SageMaker's runtime and Lambda's Invoke on a free port, that answer whatever `behaviour` returns."""

    def __init__(self) -> None:
        self.behaviour: Callable[[], Reply] = lambda: TWO_ROOMS
        self.trickle_seconds: float = 0
        """Pause between two bytes of an answer's body."""
        self.invocations: list[Invocation] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                image = self.rfile.read(int(self.headers["Content-Length"]))
                sent = Invocation(self.path, self.headers["Content-Type"], self.headers["Accept"], image)
                server.invocations.append(sent)
                reply = server.behaviour()
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                pause = server.trickle_seconds
                for piece in (reply.body[i : i + 1] for i in range(len(reply.body))) if pause else (reply.body,):
                    self.wfile.write(piece)
                    time.sleep(pause)

            def log_message(self, *args: object, **kwargs: object) -> None:
                """Keep the tests' output clean."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that gave up waiting is what many of these tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reset(self) -> None:
        """Back to answering two rooms at once."""
        self.behaviour = lambda: TWO_ROOMS
        self.trickle_seconds = 0
        self.invocations.clear()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
