"""Plain HTTP, as curl sends it: no session, no retries, every answer with its headers and body."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an answer in the API's error shape."""
        answer = self.json()
        assert answer.keys() == {"error", "request_id"}, f"not the API's error shape: {answer}"
        assert answer["error"].keys() == {"code", "message"}, f"not the API's error shape: {answer}"
        return answer["error"]["code"]


def call(
    method: str,
    url: str,
    *,
    body: bytes | str | dict[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> Answer:
    """One request on a connection of its own; a dictionary is sent as JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    content = json.dumps(body) if isinstance(body, dict) else body
    sent = {"Content-Type": "application/json", **(headers or {})} if content is not None else dict(headers or {})
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), content, sent)
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=received, body=response.read())
    finally:
        connection.close()
