"""The state of every plan of a run: a SQLite file in the results folder, so that a killed run can continue.

A plan whose file was checked has an input: the image that the detector gets, named by the hash of its content. Plans
with the same image share an input. An input belongs to at most one job at a time, and this is recorded before the job
is created: however the command ends, no input goes to a second job while the first may still answer.

Names are stored as bytes: a file name need not be valid text.
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bulk.archive import Listed
from bulk.errors import DETECTOR_ERROR, UNREADABLE, BulkError, BulkInputError, PlanError

FILE = "bulk.sqlite"

# A plan without an answer from two jobs is not sent a third time.
MOST_TRIES = 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS plans (
    id INTEGER PRIMARY KEY, name BLOB UNIQUE NOT NULL, version TEXT NOT NULL, listing INTEGER NOT NULL,
    input TEXT, code TEXT, message TEXT, drawn INTEGER NOT NULL DEFAULT 0, source TEXT
);
CREATE INDEX IF NOT EXISTS plans_by_input ON plans (input);
CREATE TABLE IF NOT EXISTS inputs (
    key TEXT PRIMARY KEY, job TEXT, tries INTEGER NOT NULL DEFAULT 0, rooms TEXT, code TEXT, message TEXT
);
CREATE INDEX IF NOT EXISTS unanswered_by_job ON inputs (job) WHERE rooms IS NULL AND code IS NULL;
CREATE VIEW IF NOT EXISTS unanswered AS SELECT key, job, tries FROM inputs WHERE rooms IS NULL AND code IS NULL;
CREATE TABLE IF NOT EXISTS jobs (number INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, ended INTEGER NOT NULL);
"""
_OUTCOMES = """
SELECT plans.name, inputs.rooms, plans.source, coalesce(plans.code, inputs.code),
    coalesce(plans.message, inputs.message), plans.drawn
FROM plans LEFT JOIN inputs ON inputs.key = plans.input
WHERE plans.code IS NOT NULL OR inputs.rooms IS NOT NULL OR inputs.code IS NOT NULL
ORDER BY plans.name
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A finished plan: `rooms` as JSON text, or else the code and the message of its error.

    `source` is the API's `image` and `page`, as JSON text; None for a plan that an earlier version uploaded.
    """

    name: str
    rooms: str | None
    source: str | None
    code: str | None
    message: str | None
    drawn: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`prepared` plans are uploaded or `refused`; `inputs` are their distinct images, of which some are `answered`."""

    plans: int
    prepared: int
    refused: int
    inputs: int
    answered: int
    drawn: int


class Ledger:
    """`with Ledger(folder) as ledger:`. A folder has one open ledger at a time, used by one thread.

    Every method that changes something is one transaction.
    """

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        """`about` is what the results depend on: a folder with another `about` is refused.

        Raises:
            BulkInputError: the folder belongs to another run.
            BulkError: it cannot be written, or another command is writing it.
        """
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=0)
        except (OSError, sqlite3.Error) as error:
            raise BulkInputError(f"{path}: cannot be written: {error}") from error
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            # Nothing is lost if the process is killed, and a commit does not wait for the disk.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            if "source" not in self._column("SELECT name FROM pragma_table_info('plans')"):  # an earlier version's
                self._database.execute("ALTER TABLE plans ADD COLUMN source TEXT")
            self.run = self._begin(folder, {"run": secrets.token_hex(4), **about})
        except sqlite3.OperationalError as error:
            self._database.close()
            raise BulkError(
                f"{path}: {error}: another command may be using it: wait for it, or give another folder"
            ) from error
        except (sqlite3.DatabaseError, BulkInputError) as error:
            self._database.close()
            if isinstance(error, BulkInputError):
                raise
            raise BulkInputError(f"{path}: is not the state of a run: give another folder") from error

    def _begin(self, folder: Path, about: Mapping[str, str]) -> str:
        with self._database as transaction:
            # A folder without plans, left by an archive that could not be listed, may be used for another run.
            transaction.execute(
                "DELETE FROM about WHERE key <> 'run' AND NOT EXISTS (SELECT * FROM plans)"
                " AND NOT EXISTS (SELECT * FROM inputs)"
            )
            transaction.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about.items())
        known = dict(self._database.execute("SELECT key, value FROM about"))
        for key in about.keys() - {"run"}:
            if known[key] != about[key]:
                raise BulkInputError(
                    f"{folder}: has the results of {key} {known[key]}, not of {about[key]}: give another folder"
                )
        return known["run"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    # The archive

    def list_plans(self, listed: Iterable[Listed]) -> None:
        """Takes in an archive's listing: new plans are added, changed ones start again, missing ones are deleted.

        Plans that could not be read are retried, and so are those that jobs left without an answer.
        """
        with self._database as transaction:
            (listing,) = transaction.execute("SELECT coalesce(max(listing), 0) + 1 FROM plans").fetchone()
            transaction.executemany(
                "INSERT INTO plans (name, version, listing) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " input = iif(version = excluded.version, input, NULL),"
                " code = iif(version = excluded.version, code, NULL),"
                " message = iif(version = excluded.version, message, NULL),"
                " drawn = iif(version = excluded.version, drawn, 0),"
                " version = excluded.version, listing = excluded.listing",
                ((_encoded(one.name), one.version, listing) for one in listed),
            )
            transaction.execute("DELETE FROM plans WHERE listing <> ?", [listing])
            transaction.execute("UPDATE plans SET code = NULL, message = NULL WHERE code = ?", [UNREADABLE])
            transaction.execute(
                "UPDATE inputs SET job = NULL, tries = 0, code = NULL, message = NULL WHERE code = ?", [DETECTOR_ERROR]
            )
            transaction.execute(
                "DELETE FROM inputs WHERE job IS NULL AND key NOT IN (SELECT input FROM plans WHERE input IS NOT NULL)"
            )

    def unprepared(self) -> list[int]:
        """The plans that are neither uploaded nor refused yet."""
        return self._column("SELECT id FROM plans WHERE input IS NULL AND code IS NULL ORDER BY id")

    def name(self, plan: int) -> str:
        (name,) = self._database.execute("SELECT name FROM plans WHERE id = ?", [plan]).fetchone()
        return _decoded(name)

    def refuse(self, plan: int, error: PlanError) -> None:
        """Records that this plan cannot be sent, and why."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET code = ?, message = ? WHERE id = ?", [error.code, str(error), plan])

    def uploaded(self, plan: int, key: str, source: str) -> bool:
        """Records that this plan's image is in S3 as `key`, made from `source`. True if it already has an answer."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET input = ?, source = ? WHERE id = ?", [key, source, plan])
            transaction.execute("INSERT OR IGNORE INTO inputs (key) VALUES (?)", [key])
            (rooms,) = transaction.execute("SELECT rooms FROM inputs WHERE key = ?", [key]).fetchone()
        return rooms is not None

    def keep_inputs(self, present: set[str]) -> None:
        """Deletes the inputs that wait for a job and are no longer in S3: their plans are uploaded again."""
        waiting = self._column("SELECT key FROM unanswered WHERE job IS NULL")
        gone = [[key] for key in waiting if key not in present]
        with self._database as transaction:
            transaction.executemany("UPDATE plans SET input = NULL WHERE input = ?", gone)
            transaction.executemany("DELETE FROM inputs WHERE key = ?", gone)

    def inputs(self) -> list[str]:
        """The keys of all inputs."""
        return self._column("SELECT key FROM inputs")

    # Jobs

    def waiting(self) -> int:
        """How many inputs wait for a job."""
        return self._number("SELECT count(*) FROM unanswered WHERE job IS NULL")

    def begin_job(self, name_prefix: str, most: int) -> tuple[str, list[str]]:
        """Creates a job; returns its name and its inputs, at most `most` of those that wait."""
        with self._database as transaction:
            (number,) = transaction.execute("SELECT coalesce(max(number), 0) + 1 FROM jobs").fetchone()
            name = f"{name_prefix}{self.run}-{number:05}"
            transaction.execute("INSERT INTO jobs VALUES (?, ?, 0)", [number, name])
            transaction.execute(
                "UPDATE inputs SET job = ? WHERE key IN (SELECT key FROM unanswered WHERE job IS NULL LIMIT ?)",
                [name, most],
            )
        return name, self.unanswered(name)

    def running_jobs(self) -> list[str]:
        return self._column("SELECT name FROM jobs WHERE NOT ended ORDER BY number")

    def jobs(self) -> int:
        """The number of jobs started so far."""
        return self._number("SELECT count(*) FROM jobs")

    def unanswered(self, job: str) -> list[str]:
        """The inputs of a job that have no answer yet."""
        return self._column("SELECT key FROM unanswered WHERE job = ?", job)

    def answer(self, key: str, rooms: str) -> list[int]:
        """Stores a job's answer to an input; returns the plans with this input."""
        with self._database as transaction:
            transaction.execute("UPDATE inputs SET rooms = ? WHERE key = ?", [rooms, key])
        return self._column("SELECT id FROM plans WHERE input = ?", key)

    def give_up(self, key: str, error: PlanError) -> None:
        """Records that this input gets no answer, and why."""
        with self._database as transaction:
            transaction.execute("UPDATE inputs SET code = ?, message = ? WHERE key = ?", [error.code, str(error), key])

    def end_job(self, job: str, error: PlanError | None = None) -> None:
        """Records that the job has ended: inputs without an answer wait for another job.

        With an `error`, this counts as a try of each; after MOST_TRIES they are given up with the error.
        """
        with self._database as transaction:
            transaction.execute("UPDATE jobs SET ended = 1 WHERE name = ?", [job])
            if error is not None:
                transaction.execute(
                    "UPDATE inputs SET tries = tries + 1 WHERE key IN (SELECT key FROM unanswered WHERE job = ?)", [job]
                )
                transaction.execute(
                    "UPDATE inputs SET code = ?, message = ?"
                    " WHERE key IN (SELECT key FROM unanswered WHERE job = ? AND tries >= ?)",
                    [error.code, str(error), job, MOST_TRIES],
                )
            transaction.execute(
                "UPDATE inputs SET job = NULL WHERE key IN (SELECT key FROM unanswered WHERE job = ?)", [job]
            )

    # Results

    def undrawn(self) -> list[int]:
        """The plans that have rooms but no picture."""
        return self._column(
            "SELECT plans.id FROM plans JOIN inputs ON inputs.key = plans.input"
            " WHERE inputs.rooms IS NOT NULL AND NOT plans.drawn ORDER BY plans.id"
        )

    def rooms(self, plan: int) -> str:
        """The rooms of an answered plan, as JSON text."""
        (rooms,) = self._database.execute(
            "SELECT rooms FROM inputs JOIN plans ON inputs.key = plans.input WHERE plans.id = ?", [plan]
        ).fetchone()
        return rooms

    def drawn(self, plan: int) -> None:
        """Records that the plan's picture is written."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET drawn = 1 WHERE id = ?", [plan])

    def outcomes(self) -> Iterator[Outcome]:
        """Every finished plan, by name."""
        for name, rooms, source, code, message, drawn in self._database.execute(_OUTCOMES):
            yield Outcome(
                name=_decoded(name), rooms=rooms, source=source, code=code, message=message, drawn=bool(drawn)
            )

    def counts(self) -> Counts:
        plans, prepared, refused, drawn = self._database.execute(
            "SELECT count(*), count(coalesce(input, code)), count(code), coalesce(sum(drawn), 0) FROM plans"
        ).fetchone()
        inputs, answered = self._database.execute(
            "SELECT count(*), count(coalesce(rooms, code)) FROM inputs"
        ).fetchone()
        return Counts(plans=plans, prepared=prepared, refused=refused, inputs=inputs, answered=answered, drawn=drawn)

    def _column(self, query: str, *values: Any) -> list[Any]:
        return [value for (value,) in self._database.execute(query, values)]

    def _number(self, query: str) -> int:
        return self._column(query)[0]


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
