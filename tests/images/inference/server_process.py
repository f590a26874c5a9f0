"""The inference server as SageMaker runs it: a process of its own, spoken to over HTTP."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
WEIGHTS = ROOT / "models" / "best.onnx"

# How long to wait for something that takes a second on an idle machine, before the test is given up.
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)


class ServerProcess:
    """`python -m images.inference serve` on a free port, with its output in `folder`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._stdout = folder / "stdout"
        self._stderr = folder / "stderr"
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "images.inference", "serve"],
                cwd=ROOT,
                env={**os.environ, "SAGEMAKER_BIND_TO_PORT": "0", "MODEL_PATH": str(WEIGHTS), **environment},
                stdout=stdout,
                stderr=stderr,
            )

    @property
    def port(self) -> int:
        return self.wait_for_log("listening")["port"]

    @property
    def errors(self) -> str:
        return self._stderr.read_text()

    def log_lines(self) -> list[dict[str, Any]]:
        """Returns the lines that are complete; each is JSON or the test fails."""
        text = self._stdout.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def wait_for_log(self, message: str, **fields: object) -> dict[str, Any]:
        """Returns the first log line with `message` and `fields`, once it is there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        wanted = {"message": message, **fields}
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            for line in self.log_lines():
                if wanted.items() <= line.items():
                    return line
            assert not ended, f"the server ended before it logged {wanted}: {self.errors}"
            time.sleep(0.02)
        raise AssertionError(f"the server did not log {wanted}")

    def wait_until_ready(self) -> None:
        self.wait_for_log("ready")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {}, encode_chunked=isinstance(body, Iterator))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def invoke(self, body: bytes, content_type: str) -> Answer:
        return self.request("POST", "/invocations", body, {"Content-Type": content_type})

    def invoke_json(self, document: object) -> Answer:
        return self.invoke(json.dumps(document).encode(), "application/json")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
