"""A route imports what it needs and no more."""

from collections.abc import Callable

from tests.runtime.conftest import ProcessReport
from tests.runtime.events import process_event, status_event, upload_event
from tests.runtime.function_process import UPLOADED_ID
from tests.runtime.pictures import base64_text, encoded, plan

Run = Callable[..., ProcessReport]


def packages(report: ProcessReport) -> set[str]:
    return {module.partition(".")[0] for module in report.modules}


def test_a_status_needs_neither_pillow_nor_x_ray(run_process: Run) -> None:
    report = run_process([status_event(UPLOADED_ID)])
    assert report.answers[0]["statusCode"] == 404
    assert packages(report) & {"PIL", "aws_xray_sdk", "numpy", "pydantic"} == set()
    assert "aws_lambda_powertools.event_handler" not in report.modules


def test_processing_needs_pillow_but_not_each_of_its_formats(run_process: Run) -> None:
    report = run_process([upload_event(base64_text(encoded(plan()))), process_event(UPLOADED_ID)])
    assert [answer["statusCode"] for answer in report.answers] == [200, 200]
    assert "PIL.Image" in report.modules
    assert "PIL.PdfImagePlugin" not in report.modules
    assert packages(report) & {"pypdfium2", "pillow_heif"} == set()
    assert "aws_xray_sdk" not in report.modules


def test_importing_the_handler_needs_no_environment(run_process: Run) -> None:
    report = run_process([], S3_BUCKET="", DYNAMODB_TABLE="", AWS_DEFAULT_REGION="", AWS_ACCESS_KEY_ID="")
    assert "runtime.handler" in report.modules
