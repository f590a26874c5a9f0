"""Uploading: what is accepted, what is stored, and the errors for the rest."""

import base64
import json
import textwrap
import time
import uuid

import pytest

from tests.runtime.conftest import BUCKET, Caller, Records
from tests.runtime.events import event, upload_event
from tests.runtime.pictures import base64_text, encoded, plan, png, png_header
from tests.runtime.servers import AwsServer, Fault

# Its base64 has both characters that differ between the alphabets, and needs padding.
AWKWARD = png(4, 4)
AWKWARD += b"\0" * (-len(AWKWARD) % 3) + b"\xfb\xff\xfe\xff"


def test_an_upload_is_answered_with_the_id_of_a_new_blueprint(client: Caller) -> None:
    answer = client.upload()
    assert answer.status == 200
    assert answer.body == {"blueprint_id": answer.body["blueprint_id"], "message": "Upload successful"}
    assert str(uuid.UUID(answer.body["blueprint_id"])) == answer.body["blueprint_id"]


def test_an_upload_is_stored_byte_for_byte_under_its_id(client: Caller, s3) -> None:
    content = encoded(plan())
    blueprint_id = client.uploaded_id(content)
    stored = s3.get_object(Bucket=BUCKET, Key=f"blueprints/{blueprint_id}.png")
    assert stored["Body"].read() == content


def test_an_upload_gets_a_record_that_lives_30_days(client: Caller, records: Records) -> None:
    before = int(time.time())
    blueprint_id = client.uploaded_id()
    attributes = records.attributes(blueprint_id)
    created_at = int(attributes["created_at"]["N"])
    assert before <= created_at <= time.time()
    assert attributes == {
        "blueprint_id": {"S": blueprint_id},
        "status": {"S": "uploaded"},
        "s3_key": {"S": f"blueprints/{blueprint_id}.png"},
        "page_count": {"N": "1"},
        "created_at": {"N": str(created_at)},
        "updated_at": {"N": str(created_at)},
        "ttl": {"N": str(created_at + 30 * 24 * 60 * 60)},
    }


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/png;base64,{base64_text(encoded(plan()))}",
        f"data:image/svg+xml;charset=utf-8;base64,{base64_text(encoded(plan()))}",
        f"DATA:IMAGE/PNG;BASE64,{base64_text(encoded(plan()))}",
        f" \n data:image/png;base64,{base64_text(encoded(plan()))}",
        base64.urlsafe_b64encode(AWKWARD).decode().rstrip("="),
        base64.b64encode(AWKWARD).decode().rstrip("="),
        textwrap.fill(base64_text(encoded(plan())), 76) + "\n",
        textwrap.fill(base64_text(encoded(plan())), 76).replace("\n", "\r\n"),
    ],
    ids=[
        "data URL",
        "data URL that claims another type",
        "data URL in capitals",
        "data URL after white space",
        "URL alphabet without padding",
        "standard alphabet without padding",
        "wrapped lines",
        "wrapped lines of Windows",
    ],
)
def test_base64_is_accepted_as_common_tools_write_it(client: Caller, text: str) -> None:
    assert client.send(upload_event(text)).status == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (None, "body"),
        ("", "body"),
        ("{", "body"),
        ("image=abc", "body"),
        ("[]", "list"),
        ("7", "int"),
        ("null", "NoneType"),
        ('"text"', "str"),
        ("[" * 200_000, "body"),
        ("1" * 10_000, "body"),
        ("{}", "image is missing"),
        ('{"image": null}', "image is null"),
        ('{"image": 7}', "image is a int"),
        ('{"image": ["a"]}', "image is a list"),
        ('{"image": {"a": 1}}', "image is a dict"),
        ('{"image": ""}', "image is empty"),
        ('{"image": "  "}', "image is empty"),
        ('{"image": "data:image/png;base64,"}', "image is empty"),
        ('{"image": "not base64!"}', "image is not base64"),
        ('{"image": "abcde"}', "image is not base64"),
        ('{"image": "a=bc"}', "image is not base64"),
        ('{"image": "\u00e4\u00f6\u00fc\u00df"}', "image is not base64"),
        ('{"image": "\\ud800AAA"}', "image is not base64"),
    ],
)
def test_a_malformed_request_is_refused_by_name(client: Caller, body: str | None, named: str) -> None:
    answer = client.send(event("POST", "/upload", body=body))
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert named in answer.message


def test_a_byte_order_mark_before_the_json_is_skipped(client: Caller) -> None:
    body = "\ufeff" + json.dumps({"image": base64_text(encoded(plan()))})
    assert client.send(event("POST", "/upload", body=body)).status == 200
    encoded_body = base64_text(body.encode())
    assert client.send(event("POST", "/upload", body=encoded_body, is_base64=True)).status == 200


def test_the_awkward_picture_tells_the_alphabets_apart() -> None:
    text = base64_text(AWKWARD)
    assert "+" in text
    assert "/" in text
    assert text.endswith("=")


def test_unknown_fields_do_not_break_a_client(client: Caller) -> None:
    body = json.dumps({"image": base64_text(encoded(plan())), "title": "Ground floor"})
    assert client.send(event("POST", "/upload", body=body)).status == 200


def test_a_body_that_the_gateway_encoded_is_decoded(client: Caller) -> None:
    body = base64_text(json.dumps({"image": base64_text(encoded(plan()))}).encode())
    assert client.send(event("POST", "/upload", body=body, is_base64=True)).status == 200


@pytest.mark.parametrize("body", ["not base64", base64_text(b"\xff\xfe{}")])
def test_an_encoded_body_that_does_not_decode_is_refused(client: Caller, body: str) -> None:
    answer = client.send(event("POST", "/upload", body=body, is_base64=True))
    assert (answer.status, answer.code) == (400, "invalid_request")


def test_a_request_over_lambdas_limit_is_refused(client: Caller) -> None:
    answer = client.send(upload_event("A" * 6_291_556))
    assert (answer.status, answer.code) == (413, "payload_too_large")
    assert "4.5 MB" in answer.message


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="10" height="10"/></svg>',
        b"<!DOCTYPE html><html><body><img src=x onerror=alert(1)></body></html>",
        b"%PDF-1.7\n1 0 obj\n",
        b"just some text",
        b"\0",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"II*\0",
        b"RIFF\x04\0\0\0WEBP",
        encoded(plan(), "PPM"),
        encoded(plan(), "ICO"),
        encoded(plan(), "TGA"),
    ],
)
def test_a_file_that_is_not_a_supported_image_is_refused(client: Caller, content: bytes) -> None:
    answer = client.upload(content)
    assert (answer.status, answer.code) == (400, "invalid_image")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_truncated_image_is_refused(client: Caller, file_format: str) -> None:
    content = encoded(plan(), file_format)
    answer = client.upload(content[: len(content) // 2])
    assert (answer.status, answer.code) == (400, "invalid_image")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_an_image_that_lost_part_of_its_picture_is_refused(client: Caller, file_format: str) -> None:
    answer = client.upload(encoded(plan(), file_format)[:-50])
    assert (answer.status, answer.code) == (400, "invalid_image")
    assert "cut short" in answer.body["error"]["message"]


@pytest.mark.parametrize(("file_format", "end_bytes"), [("PNG", 12), ("JPEG", 2), ("GIF", 1)])
def test_an_image_that_lost_only_its_end_is_accepted(client: Caller, file_format: str, end_bytes: int) -> None:
    assert client.upload(encoded(plan(), file_format)[:-end_bytes]).status == 200


@pytest.mark.parametrize(("width", "height"), [(12_001, 10), (10, 12_001), (20_000, 20_000), (2_000_000, 2_000_000)])
def test_an_upload_larger_than_12000_px_a_side_is_refused_from_its_header(
    client: Caller, width: int, height: int
) -> None:
    answer = client.upload(png_header(width, height))
    assert (answer.status, answer.code) == (400, "image_too_large")
    assert "12000 px" in answer.message


def test_the_limit_itself_is_accepted(client: Caller) -> None:
    assert client.upload(encoded(plan(12_000, 4), "PNG")).status == 200


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 12_000), (12_000, 1)])
def test_extreme_shapes_are_uploaded_and_processed(client: Caller, width: int, height: int) -> None:
    blueprint_id = client.uploaded_id(encoded(plan(width, height)))
    assert client.process(blueprint_id).status == 200


def test_an_upload_whose_image_cannot_be_stored_leaves_no_record(client: Caller, aws: AwsServer) -> None:
    aws.faults.append(Fault(f"PUT /{BUCKET}/blueprints/", 503, "<Error><Code>SlowDown</Code></Error>"))
    aws.faults.append(Fault("PutItem", 500, "the record must not be written"))
    answer = client.upload()
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.message.startswith("S3")
    assert int(answer.headers["Retry-After"]) > 0


def test_an_upload_whose_record_cannot_be_written_must_be_sent_again(client: Caller, aws: AwsServer) -> None:
    aws.throttle_table("PutItem")
    answer = client.upload()
    assert (answer.status, answer.code) == (503, "unavailable")
    assert answer.message.startswith("DynamoDB")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_record_whose_answer_was_lost_is_not_taken_for_another_blueprints(client: Caller, aws: AwsServer) -> None:
    aws.lost_answers.append("PutItem")
    blueprint_id = client.uploaded_id()
    assert client.status(blueprint_id).body["status"] == "uploaded"


def test_a_refusal_of_s3_that_is_our_fault_is_a_500_without_details(client: Caller, aws: AwsServer) -> None:
    aws.faults.append(
        Fault(f"PUT /{BUCKET}/blueprints/", 403, "<Error><Code>AccessDenied</Code><Message>secret</Message></Error>")
    )
    answer = client.upload()
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret" not in answer.message
    assert "AccessDenied" not in answer.message
