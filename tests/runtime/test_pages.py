"""A page of a PDF or a TIFF: chosen, drawn, sent, remembered."""

from io import BytesIO

import pytest
from PIL import Image

from tests.pictures.pdf_files import blank_image, page, pdf
from tests.runtime.conftest import BUCKET, Caller, Records
from tests.runtime.pictures import encoded, plan
from tests.runtime.servers import DetectorServer, rooms_reply

pytestmark = pytest.mark.whole

SIZES = (b"/MediaBox [0 0 300 200]", b"/MediaBox [0 0 3024 2160]", b"/MediaBox [0 0 200 400]")
THREE_PAGES = pdf(*(page(keys=keys) for keys in SIZES))
FIRST_ROOMS = rooms_reply(([0, 0, 100, 100], 0.9))
OTHER_ROOMS = rooms_reply(([500, 500, 600, 600], 0.8))


def test_a_pdf_is_stored_as_it_is(client: Caller, s3) -> None:
    blueprint_id = client.uploaded_id(THREE_PAGES)
    stored = s3.get_object(Bucket=BUCKET, Key=f"blueprints/{blueprint_id}.pdf")
    assert (stored["Body"].read(), stored["ContentType"]) == (THREE_PAGES, "application/pdf")


def test_without_a_page_the_first_is_read(client: Caller) -> None:
    answer = client.process(client.uploaded_id(THREE_PAGES))
    assert answer.body["page"] == {"number": 1, "count": 3}
    assert answer.body["image"] == {"width": 300, "height": 200}


def test_the_detector_gets_the_page_as_a_png_in_grey_at_its_resolution(
    client: Caller, detector: DetectorServer
) -> None:
    answer = client.process(client.uploaded_id(THREE_PAGES), page=2)
    (sent,) = detector.invocations
    assert sent.content_type == "image/png"
    with Image.open(BytesIO(sent.image)) as image:
        assert (image.mode, image.size) == ("L", (5000, 3571))
    assert answer.body["page"] == {"number": 2, "count": 3}
    assert answer.body["image"] == {"width": 3024, "height": 2160}


def test_a_page_with_too_much_on_it_to_be_sent_is_scaled_down_until_it_can_be(
    client: Caller, detector: DetectorServer
) -> None:
    """Noise, as in a bad scan, hardly compresses."""
    buffer = BytesIO()
    Image.effect_noise((3000, 2000), 200).save(buffer, "PDF")
    assert client.process(client.uploaded_id(buffer.getvalue())).status == 200
    (sent,) = detector.invocations
    assert len(sent.image) <= 4_000_000
    with Image.open(BytesIO(sent.image)) as image:
        assert max(image.size) > 1000


def test_a_page_of_a_tiff_can_be_chosen_too(client: Caller) -> None:
    pages = encoded(plan(), "TIFF", save_all=True, append_images=[plan(80, 60), plan(90, 60)])
    answer = client.process(client.uploaded_id(pages), page=3)
    assert (answer.body["page"], answer.body["image"]) == ({"number": 3, "count": 3}, {"width": 90, "height": 60})


@pytest.mark.parametrize(("content", "pages"), [(THREE_PAGES, "3 pages"), (encoded(plan()), "1 page")])
def test_a_page_that_does_not_exist_is_refused_and_leaves_the_record_as_it_is(
    client: Caller, detector: DetectorServer, content: bytes, pages: str
) -> None:
    blueprint_id = client.uploaded_id(content)
    answer = client.process(blueprint_id, page=4)
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert answer.message == f"There is no page 4: the blueprint has {pages}."
    assert client.status(blueprint_id).body["status"] == "uploaded"
    client.process(blueprint_id)
    assert client.process(blueprint_id, page=4).message == answer.message
    assert client.status(blueprint_id).body["status"] == "completed"
    assert len(detector.invocations) == 1


def test_a_record_from_before_pages_were_counted_finds_out_when_the_file_is_opened(
    client: Caller, records: Records
) -> None:
    blueprint_id = client.uploaded_id(THREE_PAGES)
    records.forget(blueprint_id, "page_count")
    answer = client.process(blueprint_id, page=4)
    assert (answer.status, answer.message) == (400, "There is no page 4: the blueprint has 3 pages.")
    assert client.status(blueprint_id).body["error"] == answer.message
    assert client.process(blueprint_id, page=3).status == 200


@pytest.mark.parametrize("number", [0, -1, 1.5, "2", None, True, [1], {}, 10**9, 1e400])
def test_a_page_that_is_not_a_number_from_1_is_refused(client: Caller, number: object) -> None:
    answer = client.process(client.uploaded_id(), page=number)
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert answer.message.startswith("page ")


def test_a_number_with_a_point_and_no_fraction_is_a_page(client: Caller) -> None:
    assert client.process(client.uploaded_id(THREE_PAGES), page=2.0).body["page"]["number"] == 2


def test_another_page_of_a_completed_blueprint_is_read_and_replaces_the_first(
    client: Caller, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id(THREE_PAGES)
    detector.behaviour = lambda: FIRST_ROOMS
    first = client.process(blueprint_id)
    detector.behaviour = lambda: OTHER_ROOMS
    third = client.process(blueprint_id, page=3)
    assert [answer.body["page"]["number"] for answer in (first, third)] == [1, 3]
    assert first.body["detected_rooms"] != third.body["detected_rooms"]
    assert client.process(blueprint_id, page=3) == third
    assert client.status(blueprint_id).body["page"] == {"number": 3, "count": 3}
    assert len(detector.invocations) == 2


def test_a_blueprint_completed_before_pages_existed_counts_as_page_1(
    client: Caller, records: Records, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id(THREE_PAGES)
    client.process(blueprint_id)
    records.forget(blueprint_id, "image", "page", "page_count")
    client.process(blueprint_id)
    assert len(detector.invocations) == 1
    assert client.process(blueprint_id, page=2).body["page"] == {"number": 2, "count": 3}


def test_a_page_that_cannot_be_drawn_fails_the_record_with_the_reason(client: Caller) -> None:
    keys = b"/MediaBox [0 0 300 200] /Resources << /XObject << /I 10 0 R >> >>"
    content = pdf(page(b"300 0 0 200 0 0 cm /I Do", keys=keys), page(), objects=[blank_image(30_000, 30_000)])
    blueprint_id = client.uploaded_id(content)
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (400, "image_too_large")
    status = client.status(blueprint_id).body
    assert (status["status"], status["error"]) == ("failed", answer.message)
    assert client.process(blueprint_id, page=2).status == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pdf(page(), password="secret"), "password"),
        (pdf(), "no pages"),
        (THREE_PAGES[: len(THREE_PAGES) // 2], "cut short or damaged"),
    ],
    ids=["password", "no pages", "cut"],
)
def test_a_pdf_that_cannot_be_opened_is_refused_at_upload(client: Caller, content: bytes, message: str) -> None:
    answer = client.upload(content)
    assert (answer.status, answer.code) == (400, "invalid_image")
    assert message in answer.message
