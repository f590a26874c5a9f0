"""A client of the API: upload, process and status; it checks every answer."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

_LONGEST_CALL_SECONDS = 35  # API Gateway gives up after 29


class ClientError(Exception):
    """The API could not be reached, refused a request, or gave no usable answer; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """What the API found. `process_answer` is the unchanged body of `POST /process`; times in seconds.

    `page` is the number of the page that was read, of `page_count`.
    """

    blueprint_id: str
    rooms: list[dict[str, Any]]
    page: int
    page_count: int
    process_answer: bytes
    upload_seconds: float
    process_seconds: float
    status_seconds: float


class BlueprintClient:
    """Calls an API at `api_url`, `http://host:port/stage`, with an API key if the stage requires one."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, api_key: str | None = None) -> None:
        self._session = session
        self._api_url = api_url
        self._headers = {"x-api-key": api_key} if api_key else {}

    async def detect(self, plan: bytes, page: int = 1) -> Detection:
        """Sends a plan's page through upload, process and status. `ClientError` says what the API refused."""
        started = time.perf_counter()
        image = base64.b64encode(plan).decode()
        uploaded, _ = await self._call("POST", "/upload", body={"image": image})
        blueprint_id = _field(uploaded, "blueprint_id", str, "POST /upload")
        upload_done = time.perf_counter()
        processed, process_answer = await self._call(
            "POST", "/process", body={"blueprint_id": blueprint_id, "page": page}
        )
        rooms = _field(processed, "detected_rooms", list, "POST /process")
        process_done = time.perf_counter()
        record, _ = await self._call("GET", "/status", query={"blueprint_id": blueprint_id})
        if _field(record, "status", str, "GET /status") != "completed" or record.get("detected_rooms") != rooms:
            raise ClientError(
                f"GET /status: the state of {blueprint_id} differs from the answer of POST /process: {record}"
            )
        read = _field(processed, "page", dict, "POST /process")
        return Detection(
            blueprint_id=blueprint_id,
            rooms=rooms,
            page=_field(read, "number", int, "POST /process: page"),
            page_count=_field(read, "count", int, "POST /process: page"),
            process_answer=process_answer,
            upload_seconds=upload_done - started,
            process_seconds=process_done - upload_done,
            status_seconds=time.perf_counter() - process_done,
        )

    async def _call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> tuple[dict[str, Any], bytes]:
        where = f"{method} {path}"
        timeout = aiohttp.ClientTimeout(total=_LONGEST_CALL_SECONDS)
        try:
            async with self._session.request(
                method, f"{self._api_url}{path}", json=body, params=query, headers=self._headers, timeout=timeout
            ) as response:
                content = await response.read()
        except TimeoutError as error:
            raise ClientError(f"{where}: no answer within {_LONGEST_CALL_SECONDS} s") from error
        except aiohttp.ClientError as error:
            raise ClientError(f"{where}: {error}") from error
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise ClientError(f"{where}: answered {response.status} with something that is not JSON") from error
        if not isinstance(answer, dict):
            raise ClientError(f"{where}: answered {response.status} with {type(answer).__name__}, not an object")
        if response.status != 200:
            failure = answer.get("error")
            said = f"{failure.get('code')}: {failure.get('message')}" if isinstance(failure, dict) else str(answer)
            raise ClientError(f"{where}: answered {response.status}, {said}")
        return answer, content


def _field(answer: Mapping[str, Any], name: str, kind: type[Any], where: str) -> Any:
    value = answer.get(name)
    if not isinstance(value, kind):
        raise ClientError(f"{where}: {name} is {value!r}, not a {kind.__name__}")
    return value
