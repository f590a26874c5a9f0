"""The document's cost table, line by line."""

import pytest

from operations.capacity.document import document_lines
from tests.operations.capacity.stages import MEASURED, PRICES

LINES = {line.service: line for line in document_lines(PRICES, MEASURED)}


@pytest.mark.parametrize(
    ("service", "stated", "computed"),
    [
        ("SageMaker endpoint", 147.00, 0.204 * 730),
        ("Lambda", 0.42, 25_000 * 0.0000166667 + 0.002),
        ("API Gateway", 0.035, 0.035),
        ("S3", 1.15, 50 * 0.023 + 10 * 0.005),
        ("DynamoDB", 2.85, 730 * 5 * (0.00065 + 0.00013)),
        ("CloudWatch", 0.50, 0.50 + 0.03),
        ("data transfer", 0.50, 0.01 * 0.09),
    ],
)
def test_a_line_of_the_document_is_computed_from_the_price_list(service: str, stated: float, computed: float):
    assert LINES[service].stated == stated
    assert LINES[service].computed == pytest.approx(computed)


def test_correcting_the_endpoint_gives_the_total_of_the_errata():
    stated = sum(line.stated for line in LINES.values() if line.stated is not None)
    assert stated - 147.00 + LINES["SageMaker endpoint"].computed == pytest.approx(154.4, abs=0.05)


def test_costs_that_the_document_leaves_out_are_named():
    left_out = {service for service, line in LINES.items() if line.stated is None}
    assert left_out == {"SageMaker data", "ECR", "CloudWatch alarms", "training"}
