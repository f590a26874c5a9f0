"""What is known of every plan of a run: a SQLite file in the results' folder, so that a killed run goes on.

A plan whose file was checked has an input, the image that the detector gets, named by the hash of its content: plans
with the same image share it. An input belongs to at most one job at a time, and is written down as that job's before
the job exists: whatever ends the command, no input is given to a second job while the first may still answer.

Names are kept as bytes: a file's name need not be text.
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

# A plan that two jobs did not answer is not sent a third time.
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
    """A plan that is done: `rooms` as JSON text, or else the code and the message of what is wrong with it.

    `source` is the API's `image` and `page`, as JSON text; None of a plan that an earlier version uploaded.
    """

    name: str
    rooms: str | None
    source: str | None
    code: str | None
    message: str | None
    drawn: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`prepared` plans are uploaded or `refused`; `inputs` are their different images, some of them `answered`."""

    plans: int
    prepared: int
    refused: int
    inputs: int
    answered: int
    drawn: int


class Ledger:
    """`with Ledger(folder) as ledger:`; only one at a time has a folder, and only one thread uses it.

    Every method that changes something is one transaction.
    """

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        """`about` is what the results depend on: another run's folder is refused.

        Raises:
            BulkInputError: the folder is another run's.
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
            # Nothing is lost when the process is killed, and a commit does not wait for the disk.
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            if "source" not in self._column("SELECT name FROM pragma_table_info('plans')"):  # an earlier version's
                self._database.execute("ALTER TABLE plans ADD COLUMN source TEXT")
            self.run = self._begin(folder, {"run": secrets.token_hex(4), **about})
        except sqlite3.OperationalError as error:
            self._database.close()
            raise BulkError(f"{path}: {error}: is another command using it?") from error
        except (sqlite3.DatabaseError, BulkInputError) as error:
            self._database.close()
            if isinstance(error, BulkInputError):
                raise
            raise BulkInputError(f"{path}: is no run's state: give another folder") from error

    def _begin(self, folder: Path, about: Mapping[str, str]) -> str:
        with self._database as transaction:
            # What an archive that could not be listed has left behind is nobody's results.
            transaction.execute(
                "DELETE FROM about WHERE key <> 'run' AND NOT EXISTS (SELECT * FROM plans)"
                " AND NOT EXISTS (SELECT * FROM inputs)"
            )
            transaction.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about.items())
        known = dict(self._database.execute("SELECT key, value FROM about"))
        for key in about.keys() - {"run"}:
            if known[key] != about[key]:
                raise BulkInputError(
                    f"{folder}: holds the results of {key} {known[key]}, not of {about[key]}: give another folder"
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
        """Takes in an archive's listing: new plans are added, changed ones begun again, those that are gone forgotten.

        Plans that could not be read are to be tried again, and so are those that jobs left without an answer.
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
        """The plans that were neither uploaded nor refused yet."""
        return self._column("SELECT id FROM plans WHERE input IS NULL AND code IS NULL ORDER BY id")

    def name(self, plan: int) -> str:
        (name,) = self._database.execute("SELECT name FROM plans WHERE id = ?", [plan]).fetchone()
        return _decoded(name)

    def refuse(self, plan: int, error: PlanError) -> None:
        """Nothing can be sent of this plan."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET code = ?, message = ? WHERE id = ?", [error.code, str(error), plan])

    def uploaded(self, plan: int, key: str, source: str) -> bool:
        """This plan's image is in S3 as `key`, made of `source`; True where another plan has its answer already."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET input = ?, source = ? WHERE id = ?", [key, source, plan])
            transaction.execute("INSERT OR IGNORE INTO inputs (key) VALUES (?)", [key])
            (rooms,) = transaction.execute("SELECT rooms FROM inputs WHERE key = ?", [key]).fetchone()
        return rooms is not None

    def keep_inputs(self, present: set[str]) -> None:
        """Forgets the inputs that wait for a job and are in S3 no longer: their plans are uploaded again."""
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
        """A new job's name and its inputs, at most `most` of those that wait."""
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
        """How many jobs were started so far."""
        return self._number("SELECT count(*) FROM jobs")

    def unanswered(self, job: str) -> list[str]:
        """The inputs of a job that it has not answered yet."""
        return self._column("SELECT key FROM unanswered WHERE job = ?", job)

    def answer(self, key: str, rooms: str) -> list[int]:
        """Takes in a job's answer to an input; returns the plans that it is for."""
        with self._database as transaction:
            transaction.execute("UPDATE inputs SET rooms = ? WHERE key = ?", [rooms, key])
        return self._column("SELECT id FROM plans WHERE input = ?", key)

    def give_up(self, key: str, error: PlanError) -> None:
        """This input gets no answer."""
        with self._database as transaction:
            transaction.execute("UPDATE inputs SET code = ?, message = ? WHERE key = ?", [error.code, str(error), key])

    def end_job(self, job: str, error: PlanError | None = None) -> None:
        """The job has ended: what it left without an answer waits for another one.

        With an `error` that counts as a try of each, and after MOST_TRIES they are given up with the error.
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
        """The plans with rooms and without a picture."""
        return self._column(
            "SELECT plans.id FROM plans JOIN inputs ON inputs.key = plans.input"
            " WHERE inputs.rooms IS NOT NULL AND NOT plans.drawn ORDER BY plans.id"
        )

    def rooms(self, plan: int) -> str:
        """The rooms of a plan that has them, as JSON text."""
        (rooms,) = self._database.execute(
            "SELECT rooms FROM inputs JOIN plans ON inputs.key = plans.input WHERE plans.id = ?", [plan]
        ).fetchone()
        return rooms

    def drawn(self, plan: int) -> None:
        """The plan's picture is written."""
        with self._database as transaction:
            transaction.execute("UPDATE plans SET drawn = 1 WHERE id = ?", [plan])

    def outcomes(self) -> Iterator[Outcome]:
        """Every plan that is done, by name."""
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
