"""Writes log events to a log group of the embedded AWS, in batches and in the background."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_FLUSH_SECONDS = 1.0
_BATCH_EVENTS = 1000  # PutLogEvents takes up to 10,000 events or 1 MB


class LogGroup:
    """One log group. `client` creates its CloudWatch Logs client; `failed` is called once if writing fails."""

    def __init__(self, name: str, client: Callable[[], Any], failed: Callable[[str], None]) -> None:
        self.name = name
        self._make_client = client
        self._client: Any = None
        self._failed = failed
        self._events: list[tuple[str, dict[str, Any]]] = []
        self._streams: set[str] = set()
        self._flushing: asyncio.Task[None] | None = None
        self._broken = False
        self._writing = asyncio.Lock()

    def put(self, stream: str, message: str) -> None:
        """Takes one event; it is in the group about a second later, or when the group is closed."""
        self._events.append((stream, {"timestamp": int(time.time() * 1000), "message": message}))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_later())

    async def close(self) -> None:
        """Stops the timer; events that are not yet written are lost."""
        if self._flushing is not None:
            self._flushing.cancel()

    async def flush(self) -> None:
        """Writes the events so far, after any write in progress: two writers would create one stream twice."""
        async with self._writing:
            events, self._events = self._events, []
            if events and not self._broken:
                try:
                    await asyncio.to_thread(self._write, events)
                except (BotoCoreError, ClientError) as error:
                    self._broken = True
                    self._failed(f"log group {self.name}: {error}")

    async def _flush_later(self) -> None:
        await asyncio.sleep(_FLUSH_SECONDS)
        self._flushing = None
        await self.flush()

    def _write(self, events: list[tuple[str, dict[str, Any]]]) -> None:
        self._client = self._client or self._make_client()
        for stream in dict.fromkeys(stream for stream, _ in events):
            if stream not in self._streams:
                self._client.create_log_stream(logGroupName=self.name, logStreamName=stream)
                self._streams.add(stream)
            own = [event for name, event in events if name == stream]
            for start in range(0, len(own), _BATCH_EVENTS):
                self._client.put_log_events(
                    logGroupName=self.name, logStreamName=stream, logEvents=own[start : start + _BATCH_EVENTS]
                )
