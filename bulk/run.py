"""The loop of a run: plans are checked and uploaded, jobs started over them and followed, answers fetched and drawn.

All of it goes on at the same time. A pool of threads reads, decodes and talks to S3; the loop alone knows the ledger.
In memory are never more pictures than the cores decode at once, and never more files than there are threads.
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
from images.inference.errors import RequestError

THREADS = 16
# Enough waiting work that no thread is ever idle while the loop looks elsewhere.
_MOST_UNDER_WAY = 2 * THREADS
_LONGEST_WAIT_SECONDS = 0.5
_LOG_GROUP = "/aws/sagemaker/TransformJobs"


class InterruptedRunError(Exception):
    """The run was told to stop; what it knows is written down."""


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How a run goes.

    Attributes:
        plans_per_job: most inputs of a job.
        concurrent_jobs: most jobs at a time.
        poll_seconds: between two looks at the jobs.
        cores: how many pictures are decoded at once.
        pictures: draw the rooms on their plans.
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
        out: the results' folder.
        stop: set from any thread, it ends the run at its next step.
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
        """Goes on until every plan is done.

        Raises:
            BulkError: no job can be run, or one was stopped.
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
            # What the threads have begun they finish: an upload that is done is written down as done.
            pool.shutdown(wait=True, cancel_futures=True)
            for future in [one for one in self._under_way if not one.cancelled() and one.exception() is None]:
                self._under_way[future](future)
            self._show(last=True)

    def _show(self, *, last: bool = False) -> None:
        self._progress.show(self._ledger.counts, sum(map(len, self._fetching.values())), last=last)

    def _resume(self) -> None:
        """Takes up what an earlier command left: jobs that nobody knows, and uploads that are gone, are done again."""
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
        """Gives the threads work: first what others wait for."""
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
        """Waits for the threads, not longer than until the next look at the jobs, and writes down what they did."""
        left = max(0.0, self._next_look - time.monotonic())
        if not self._under_way:
            self._stop.wait(min(left, _LONGEST_WAIT_SECONDS))
            return
        done, _ = wait(self._under_way, timeout=min(left, _LONGEST_WAIT_SECONDS), return_when=FIRST_COMPLETED)
        for future in done:
            self._under_way.pop(future)(future)

    # In the threads

    def _upload(self, name: str) -> tuple[str, str] | PlanError:
        """The key of a plan's input, which is in S3 from then on, and what it was made of, as JSON text."""
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
        """An answer's rooms, as JSON text."""
        try:
            return json.dumps(results.parse_answer(self._folder.answer(name)))
        except PlanError as error:
            return error

    def _draw(self, name: str, rooms: str) -> str | None:
        """Draws a plan's picture; what went wrong, where it cannot be drawn."""
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
        """Starts a job once there are plans for a whole one, or no more will come."""
        while len(self._ledger.running_jobs()) < self._settings.concurrent_jobs:
            waiting = self._ledger.waiting()
            if not waiting or (waiting < self._settings.plans_per_job and (self._to_prepare or self._preparing)):
                return
            job, keys = self._ledger.begin_job(self._settings.job_name_prefix, self._settings.plans_per_job)
            self._folder.start(job, keys)
            self._progress.line(f"started {job}: {len(keys)} plans")

    def _look_at_jobs(self) -> None:
        """Finds the answers that are there by now, and the jobs that have ended."""
        for job in self._ledger.running_jobs():
            # In this order: what a job has not answered when it is seen to have ended, it never will.
            state = self._folder.state(job)
            if state is None:
                raise BulkError(f"{job}: SageMaker does not know it any more: run the command again to go on")
            fetching = self._fetching.setdefault(job, set())
            unanswered = set(self._ledger.unanswered(job)) - fetching
            for key, name in self._folder.answered(job).items():
                if key in unanswered:
                    fetching.add(key)
                    self._to_fetch.append((job, key, name))
            if state.ended:
                self._ended[job] = state

    def _end_jobs(self) -> None:
        """Gives up the jobs that have ended and whose answers are all here."""
        for job in [job for job in self._ended if not self._fetching[job]]:
            state = self._ended.pop(job)
            left = len(self._ledger.unanswered(job))
            if state.status == "Stopped":
                self._ledger.end_job(job)
                raise BulkError(f"{job} was stopped: run the command again to go on without it")
            reason = state.reason or "it gives no reason"
            if left and not self._ledger.counts().answered:
                self._ledger.end_job(job)
                raise BulkError(f"{job} answered none of its {left} plans: {reason} (log: {_LOG_GROUP})")
            if left:
                self._progress.line(f"{job}: no answer to {left} of its plans: {reason}")
            message = f"The detector did not answer in two jobs, the last {job}: {reason}"
            self._ledger.end_job(job, PlanError(DETECTOR_ERROR, message))
