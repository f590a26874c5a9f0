"""The loop of a run: it checks and uploads plans, starts and follows jobs, fetches answers and draws them.

All of this happens concurrently. A pool of threads reads, decodes and talks to S3; only the loop uses the ledger.
Memory never holds more pictures than cores decode at once, and never more files than there are threads.
"""

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bulk import results
from bulk.archive import Archive
from bulk.errors import DETECTOR_ERROR, BulkError, PlanError
from bulk.ledger import Ledger
from bulk.preparation import prepare
from bulk.progress import Progress
from bulk.stage import JobState, StageFolder
from components.naming import TRANSFORM_LOG_GROUP
from images.inference.errors import RequestError

THREADS = 16
# Enough queued work that no thread is idle while the loop is busy elsewhere.
_MOST_UNDER_WAY = 2 * THREADS
_LONGEST_WAIT_SECONDS = 0.5


class InterruptedRunError(Exception):
    """The run was told to stop; its state is saved."""


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Settings of a run.

    Attributes:
        plans_per_job: maximum inputs of a job.
        concurrent_jobs: maximum jobs at a time.
        poll_seconds: time between two checks of the jobs.
        cores: number of pictures decoded at once.
        pictures: whether to draw the rooms on their plans.
    """

    job_name_prefix: str
    plans_per_job: int
    concurrent_jobs: int
    poll_seconds: float
    cores: int
    pictures: bool


class BulkRun:
    """One run of the command over an archive.

    Args:
        out: the results folder.
        stop: set it from any thread to end the run at its next step.
    """

    def __init__(
        self,
        *,
        archive: Archive,
        ledger: Ledger,
        folder: StageFolder,
        out: Path,
        settings: RunSettings,
        progress: Progress,
        stop: threading.Event,
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._folder = folder
        self._out = out
        self._settings = settings
        self._progress = progress
        self._stop = stop
        self._decoding = threading.Semaphore(settings.cores)
        self._under_way: dict[Future[Any], Callable[[Future[Any]], None]] = {}
        self._preparing = 0
        self._to_prepare: deque[int] = deque()
        self._to_fetch: deque[tuple[str, str, str]] = deque()
        self._to_draw: deque[int] = deque()
        self._fetching: dict[str, set[str]] = {}
        self._ended: dict[str, JobState] = {}
        self._next_look = 0.0

    def execute(self) -> None:
        """Runs until every plan is done.

        Raises:
            BulkError: a job cannot be run, or was stopped.
            InterruptedRunError: the run was told to stop.
        """
        self._resume()
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="bulk")
        try:
            while not self._done():
                if self._stop.is_set():
                    raise InterruptedRunError
                self._fill(pool)
                if time.monotonic() >= self._next_look:
                    self._look_at_jobs()
                    self._next_look = time.monotonic() + self._settings.poll_seconds
                self._end_jobs()
                self._start_jobs()
                self._collect()
                self._show()
        finally:
            # The threads finish what they have begun, so that a finished upload is recorded as such.
            pool.shutdown(wait=True, cancel_futures=True)
            for future in [one for one in self._under_way if not one.cancelled() and one.exception() is None]:
                self._under_way[future](future)
            self._show(last=True)

    def _show(self, *, last: bool = False) -> None:
        self._progress.show(self._ledger.counts, sum(map(len, self._fetching.values())), last=last)

    def _resume(self) -> None:
        """Continues an earlier command: jobs that SageMaker does not know and uploads that are gone are done again."""
        for job in self._ledger.running_jobs():
            if self._folder.state(job) is None:
                self._ledger.end_job(job)
        if self._ledger.waiting():
            self._ledger.keep_inputs(self._folder.present())
        self._folder.know(self._ledger.inputs())
        self._to_prepare.extend(self._ledger.unprepared())
        if self._settings.pictures:
            self._to_draw.extend(self._ledger.undrawn())

    def _done(self) -> bool:
        return not (
            self._under_way
            or self._to_prepare
            or self._to_fetch
            or self._to_draw
            or self._ledger.running_jobs()
            or self._ledger.waiting()
        )

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        """Gives the threads work, starting with what others wait for."""
        while len(self._under_way) < _MOST_UNDER_WAY:
            if self._to_fetch:
                job, key, name = self._to_fetch.popleft()
                self._submit(
                    pool,
                    lambda name=name: self._fetch(name),
                    lambda done, job=job, key=key: self._fetched(job, key, done),
                )
            elif self._to_prepare:
                plan = self._to_prepare.popleft()
                name = self._ledger.name(plan)
                self._preparing += 1
                self._submit(
                    pool, lambda name=name: self._upload(name), lambda done, plan=plan: self._uploaded(plan, done)
                )
            elif self._to_draw:
                plan = self._to_draw.popleft()
                name, rooms = self._ledger.name(plan), self._ledger.rooms(plan)
                self._submit(
                    pool,
                    lambda name=name, rooms=rooms: self._draw(name, rooms),
                    lambda done, plan=plan, name=name: self._drawn(plan, name, done),
                )
            else:
                return

    def _submit(self, pool: ThreadPoolExecutor, work: Callable[[], Any], then: Callable[[Future[Any]], None]) -> None:
        self._under_way[pool.submit(work)] = then

    def _collect(self) -> None:
        """Waits for the threads, at most until the next check of the jobs, and records their results."""
        left = max(0.0, self._next_look - time.monotonic())
        if not self._under_way:
            self._stop.wait(min(left, _LONGEST_WAIT_SECONDS))
            return
        done, _ = wait(self._under_way, timeout=min(left, _LONGEST_WAIT_SECONDS), return_when=FIRST_COMPLETED)
        for future in done:
            self._under_way.pop(future)(future)

    # In the threads

    def _upload(self, name: str) -> tuple[str, str] | PlanError:
        """Uploads a plan's input. Returns its key, and what it was made from, as JSON text."""
        try:
            content = self._archive.read(name)
            with self._decoding:
                prepared = prepare(content)
        except PlanError as error:
            return error
        key = hashlib.sha256(prepared.content).hexdigest()
        self._folder.upload(key, prepared.content)
        return key, json.dumps({"image": prepared.image, "page": prepared.page})

    def _fetch(self, name: str) -> str | PlanError:
        """Fetches an answer's rooms, as JSON text."""
        try:
            return json.dumps(results.parse_answer(self._folder.answer(name)))
        except PlanError as error:
            return error

    def _draw(self, name: str, rooms: str) -> str | None:
        """Draws a plan's picture. Returns the reason if it cannot be drawn."""
        try:
            content = self._archive.read(name)
            with self._decoding:
                results.draw(content, rooms, self._out / results.picture_path(name))
        except (PlanError, RequestError, OSError) as error:
            return str(error)
        return None

    # In the loop

    def _uploaded(self, plan: int, done: Future[Any]) -> None:
        self._preparing -= 1
        outcome = done.result()
        if isinstance(outcome, PlanError):
            self._ledger.refuse(plan, outcome)
        elif self._ledger.uploaded(plan, *outcome) and self._settings.pictures:
            self._to_draw.append(plan)

    def _fetched(self, job: str, key: str, done: Future[Any]) -> None:
        outcome = done.result()
        self._fetching[job].discard(key)
        if isinstance(outcome, PlanError):
            self._ledger.give_up(key, outcome)
            return
        plans = self._ledger.answer(key, outcome)
        if self._settings.pictures:
            self._to_draw.extend(plans)

    def _drawn(self, plan: int, name: str, done: Future[Any]) -> None:
        problem = done.result()
        if problem is None:
            self._ledger.drawn(plan)
        else:
            self._progress.line(f"{name!r}: its picture cannot be drawn: {problem}")

    def _start_jobs(self) -> None:
        """Starts a job when there are enough plans for a full one, or no more will come."""
        while len(self._ledger.running_jobs()) < self._settings.concurrent_jobs:
            waiting = self._ledger.waiting()
            if not waiting or (waiting < self._settings.plans_per_job and (self._to_prepare or self._preparing)):
                return
            job, keys = self._ledger.begin_job(self._settings.job_name_prefix, self._settings.plans_per_job)
            self._folder.start(job, keys)
            self._progress.line(f"started {job}: {len(keys)} plans")

    def _look_at_jobs(self) -> None:
        """Looks for new answers and for jobs that have ended."""
        for job in self._ledger.running_jobs():
            # In this order: inputs without an answer after the job is known to have ended will never get one.
            state = self._folder.state(job)
            if state is None:
                raise BulkError(f"{job}: SageMaker no longer knows this job: run the command again to continue")
            fetching = self._fetching.setdefault(job, set())
            unanswered = set(self._ledger.unanswered(job)) - fetching
            for key, name in self._folder.answered(job).items():
                if key in unanswered:
                    fetching.add(key)
                    self._to_fetch.append((job, key, name))
            if state.ended:
                self._ended[job] = state

    def _end_jobs(self) -> None:
        """Closes the jobs that have ended and whose answers are all fetched."""
        for job in [job for job in self._ended if not self._fetching[job]]:
            state = self._ended.pop(job)
            left = len(self._ledger.unanswered(job))
            if state.status == "Stopped":
                self._ledger.end_job(job)
                raise BulkError(f"{job} was stopped: run the command again to continue without it")
            reason = state.reason or "SageMaker gives no reason"
            if left and not self._ledger.counts().answered:
                self._ledger.end_job(job)
                raise BulkError(f"{job} answered none of its {left} plans: {reason} (log: {TRANSFORM_LOG_GROUP})")
            if left:
                self._progress.line(f"{job}: no answer to {left} of its plans: {reason}")
            message = f"The detector did not answer in two jobs, the last {job}: {reason}"
            self._ledger.end_job(job, PlanError(DETECTOR_ERROR, message))
