"""Blueprint records in DynamoDB, and the allowed transitions between their states.

    uploaded -> processing -> completed | failed        failed -> processing (a retry)
    completed -> processing, for another page: the record holds the rooms of the page that was processed last
    processing -> processing, once the record is older than the function's time limit: its function was killed

Every transition is one conditional write. Each call that takes a blueprint writes its own `attempt` token, and only the
holder of the token can finish the record: a slow function that returns after another has taken over changes nothing.
The token stays in the finished record, so that a write that is repeated because its answer was lost is recognised as
done. Role: dynamodb:GetItem, PutItem and UpdateItem on the table.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

from pictures.errors import no_such_page
from runtime.errors import AlreadyProcessingError, InvalidRequestError, NotFoundError
from runtime.payloads import Findings, Status
from runtime.stores.aws import RefusedError, call, session
from runtime.time_budget import RECORD_SECONDS
from runtime.tracing import Trace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class StatusRecord:
    """One blueprint's record. Times are whole Unix seconds."""

    blueprint_id: str
    status: Status
    s3_key: str
    created_at: int
    updated_at: int
    ttl: int
    attempt: str | None
    """Token of the call that processes, or last processed, the blueprint; None before the first."""
    page_count: int | None
    """The number of the file's pages; None in records from before it was stored."""
    findings: Findings | None
    """The results of processing, if `completed`."""
    error: str | None
    """The reason, if `failed`."""


class BlueprintRecords:
    """The records of one table. Every method raises UnavailableError if DynamoDB throttles or is unreachable."""

    def __init__(self, table: str, *, ttl_days: int, takeover_seconds: int, trace: Trace) -> None:
        """`takeover_seconds`: the age from which a `processing` record may be taken over."""
        self._table = table
        self._ttl_days = ttl_days
        self._takeover_seconds = takeover_seconds
        self._trace = trace

    @cached_property
    def _client(self) -> "DynamoDBClient":
        return session().client("dynamodb", config=_CONFIG)

    def create_status(self, blueprint_id: str, s3_key: str, *, page_count: int) -> None:
        """Write the `uploaded` record of a new blueprint."""
        client, now = self._client, _now()
        item = _serialised(
            {
                "blueprint_id": blueprint_id,
                "status": "uploaded",
                "s3_key": s3_key,
                "page_count": page_count,
                "created_at": now,
                "updated_at": now,
                "ttl": now + self._ttl_days * _DAY_SECONDS,
            }
        )
        try:
            call(
                self._trace,
                "DynamoDB",
                "PutItem",
                RECORD_SECONDS,
                lambda: client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(blueprint_id)"
                ),
            )
        except RefusedError as error:
            # The id is a new UUID: an existing record is this one, written by a try whose answer was lost.
            if error.aws_code != "ConditionalCheckFailedException":
                raise

    def get_status(self, blueprint_id: str) -> StatusRecord:
        """A blueprint's record, as of the last write. Raises NotFoundError for an unknown or expired one."""
        client = self._client
        reply = call(
            self._trace,
            "DynamoDB",
            "GetItem",
            RECORD_SECONDS,
            lambda: client.get_item(
                TableName=self._table, Key={"blueprint_id": {"S": blueprint_id}}, ConsistentRead=True
            ),
        )
        return _living_record(blueprint_id, reply.get("Item"))

    def start_processing(self, blueprint_id: str, page: int, attempt: str) -> StatusRecord:
        """Take a blueprint for `attempt` to process a page, from 1.

        Returns its record: now `processing` by this attempt, or already `completed` with this page's rooms.
        Raises NotFoundError, InvalidRequestError if there is no such page (the record stays as it is), or
        AlreadyProcessingError while another attempt has it.
        """
        now = _now()
        taken, item = self._update(
            blueprint_id,
            "SET #status = :processing, #attempt = :attempt, #updated_at = :now REMOVE #error",
            # updated_at is rounded down to a second: "older than", not "at least as old as", keeps the full time limit.
            "#ttl > :now AND (attribute_not_exists(#page_count) OR #page_count >= :page)"
            " AND (#status IN (:uploaded, :failed)"
            " OR (#status = :processing AND #updated_at < :abandoned_before)"
            # Records from before `page` was stored are of page 1.
            " OR (#status = :completed AND ((attribute_exists(#page) AND #page.#number <> :page)"
            " OR (attribute_not_exists(#page) AND :page > :first_page))))",
            names=("status", "attempt", "updated_at", "error", "ttl", "page", "number", "page_count"),
            values={
                "completed": "completed",
                "page": page,
                "first_page": 1,
                "processing": "processing",
                "uploaded": "uploaded",
                "failed": "failed",
                "attempt": attempt,
                "now": now,
                "abandoned_before": now - self._takeover_seconds,
            },
        )
        record = _living_record(blueprint_id, item)
        if taken or _has_page(record, page) or (record.attempt == attempt and record.status == "processing"):
            return record
        if record.page_count is not None and page > record.page_count:
            raise InvalidRequestError(str(no_such_page(page, record.page_count)))
        raise AlreadyProcessingError(
            f"Blueprint {blueprint_id} is being processed: ask GET /status for its rooms, or try again later."
        )

    def complete(self, blueprint_id: str, page: int, attempt: str, findings: Findings) -> Findings:
        """Store the results of `attempt` for a page and return those in the record.

        They are another attempt's results if that one took over, for the same page, and finished first.
        Raises AlreadyProcessingError if another attempt has the blueprint now, NotFoundError if it expired.
        """
        _, item = self._finish(blueprint_id, attempt, "completed", findings)
        record = _living_record(blueprint_id, item)
        if record.findings is not None and _has_page(record, page):
            return record.findings
        raise AlreadyProcessingError(f"Blueprint {blueprint_id} was taken over by another call: ask GET /status.")

    def fail(self, blueprint_id: str, attempt: str, reason: str) -> bool:
        """Mark the blueprint `failed`; False, and nothing is changed, if `attempt` does not have it any more."""
        finished, _ = self._finish(blueprint_id, attempt, "failed", {"error": reason})
        return finished

    def _finish(
        self, blueprint_id: str, attempt: str, status: Status, outcome: Mapping[str, object]
    ) -> tuple[bool, dict[str, Any]]:
        """Write the attributes of `outcome` if `attempt` still has the blueprint."""
        written = {**outcome, "status": status, "updated_at": _now()}
        return self._update(
            blueprint_id,
            "SET " + ", ".join(f"#{name} = :{name}" for name in written),
            "#status = :processing AND #attempt = :attempt",
            names=("attempt", *written),
            values={**written, "processing": "processing", "attempt": attempt},
        )

    def _update(
        self,
        blueprint_id: str,
        expression: str,
        condition: str,
        *,
        names: tuple[str, ...],
        values: Mapping[str, object],
    ) -> tuple[bool, dict[str, Any]]:
        """Whether the condition held, and the item as it is now."""
        client = self._client
        attribute_values = _serialised({f":{name}": value for name, value in values.items()})
        try:
            reply = call(
                self._trace,
                "DynamoDB",
                "UpdateItem",
                RECORD_SECONDS,
                lambda: client.update_item(
                    TableName=self._table,
                    Key={"blueprint_id": {"S": blueprint_id}},
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={f"#{name}": name for name in names},
                    ExpressionAttributeValues=attribute_values,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                ),
            )
        except RefusedError as error:
            if error.aws_code != "ConditionalCheckFailedException":
                raise
            return False, error.reply.get("Item", {})
        return True, reply["Attributes"]


def _has_page(record: StatusRecord, page: int) -> bool:
    """Whether the record is completed with the rooms of this page."""
    return record.findings is not None and record.findings.get("page", {"number": 1})["number"] == page


def _now() -> int:
    return int(time.time())


def _living_record(blueprint_id: str, item: Mapping[str, Any] | None) -> StatusRecord:
    """The record in a DynamoDB item. TTL deletes within days after the expiry: until then it is hidden here."""
    deserialise = TypeDeserializer().deserialize
    attributes = {name: _plain(deserialise(value)) for name, value in (item or {}).items()}
    if not attributes or attributes["ttl"] <= _now():
        raise NotFoundError(f"There is no blueprint {blueprint_id}, or it has expired: upload it.")
    return StatusRecord(
        blueprint_id=attributes["blueprint_id"],
        status=attributes["status"],
        s3_key=attributes["s3_key"],
        created_at=attributes["created_at"],
        updated_at=attributes["updated_at"],
        ttl=attributes["ttl"],
        attempt=attributes.get("attempt"),
        page_count=attributes.get("page_count"),
        findings=_findings(attributes) if attributes["status"] == "completed" else None,
        error=attributes.get("error"),
    )


def _findings(attributes: Mapping[str, Any]) -> Findings:
    for room in attributes["detected_rooms"]:
        room["confidence"] = float(room["confidence"])  # a whole number (1) would be an int
    return cast("Findings", {name: attributes[name] for name in Findings.__annotations__ if name in attributes})


def _serialised(values: Mapping[str, object]) -> dict[str, Any]:
    serialise = TypeSerializer().serialize
    return {name: serialise(_storable(value)) for name, value in values.items()}


def _storable(value: Any) -> Any:
    """`value` with its floats as decimals: DynamoDB's serialiser refuses floats."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, list):
        return [_storable(element) for element in value]
    if isinstance(value, dict):
        return {name: _storable(element) for name, element in value.items()}
    return value


def _plain(value: Any) -> Any:
    """`value` with its decimals as int if they are whole, else as float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(element) for name, element in value.items()}
    return value
