"""The state of a blueprint."""

from runtime.payloads import StatusAnswer
from runtime.stores.blueprint_records import BlueprintRecords


def blueprint_status(blueprint_id: str, *, records: BlueprintRecords) -> StatusAnswer:
    """The public part of a blueprint's record. Raises NotFoundError or UnavailableError."""
    record = records.get_status(blueprint_id)
    answer: StatusAnswer = {
        "blueprint_id": record.blueprint_id,
        "status": record.status,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }
    if record.findings is not None:
        answer = {**answer, **record.findings}
    if record.status == "failed" and record.error is not None:
        answer["error"] = record.error
    return answer
