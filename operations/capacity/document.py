"""The document's cost table, recomputed."""

from dataclasses import dataclass

from components.settings.stage import StageSettings
from operations.capacity.bills import CUSTOM_METRICS, ENDPOINT_SCALING_ALARMS, TABLE_SCALING_ALARMS, alarm_metrics
from operations.capacity.measurements import Measurements
from operations.capacity.prices import PriceList
from operations.capacity.traffic import HOURS_PER_MONTH

REQUESTS = 10_000
PROCESSING_SECONDS = 5
FUNCTION_GB = 0.5
STORED_GB = 50
LOGS_GB = 1
CAPACITY_UNITS = 5
STATED_TOTAL = 152.50
# A month's plans through the endpoint, in and out, if each request were one plan.
DETECTOR_GB_PER_REQUEST = 0.0001
TRAINING_HOURS = 5


@dataclass(frozen=True, kw_only=True)
class DocumentLine:
    """One service: the document's dollars (None where it has none), the computed ones, and how."""

    service: str
    stated: float | None
    computed: float
    how: str


def document_lines(prices: PriceList, measured: Measurements) -> list[DocumentLine]:
    """The document's lines, and then the missing ones."""
    seconds = REQUESTS * PROCESSING_SECONDS
    alarms = alarm_metrics(StageSettings(), "endpoint") + ENDPOINT_SCALING_ALARMS + TABLE_SCALING_ALARMS
    return [
        DocumentLine(
            service="SageMaker endpoint",
            stated=147.00,
            computed=prices.cost("hosting.ml.c5.xlarge", HOURS_PER_MONTH),
            how="0.204 x 730 h; 147.00 would be 720.6 h",
        ),
        DocumentLine(
            service="Lambda",
            stated=0.42,
            computed=prices.cost("lambda.compute", seconds * FUNCTION_GB) + prices.cost("lambda.requests", REQUESTS),
            how="10,000 x 5 s x 0.5 GB, and 10,000 requests",
        ),
        DocumentLine(
            service="API Gateway",
            stated=0.035,
            computed=prices.cost("api.requests", REQUESTS),
            how="10,000 x 3.50 a million",
        ),
        DocumentLine(
            service="S3",
            stated=1.15,
            computed=prices.cost("s3.storage", STORED_GB) + prices.cost("s3.puts", REQUESTS),
            how="50 GB x 0.023, and the 10,000 requests that it names, all as PUT",
        ),
        DocumentLine(
            service="DynamoDB",
            stated=2.85,
            computed=prices.cost("dynamodb.write_hours", CAPACITY_UNITS * HOURS_PER_MONTH)
            + prices.cost("dynamodb.read_hours", CAPACITY_UNITS * HOURS_PER_MONTH),
            how="5 write and 5 read units x 730 h",
        ),
        DocumentLine(
            service="CloudWatch",
            stated=0.50,
            computed=prices.cost("logs.ingestion", LOGS_GB) + prices.cost("logs.storage", LOGS_GB),
            how="1 GB in, and kept",
        ),
        DocumentLine(
            service="data transfer",
            stated=0.50,
            computed=prices.cost("transfer.out", REQUESTS * measured.function.answer_kb / 1e6),
            how="10,000 answers; 0.50 would be 5.6 GB, and within the region it is free",
        ),
        DocumentLine(
            service="SageMaker data",
            stated=None,
            computed=prices.cost("hosting.data", REQUESTS * DETECTOR_GB_PER_REQUEST),
            how="10,000 images of 0.1 MB into the endpoint",
        ),
        DocumentLine(
            service="ECR",
            stated=None,
            computed=prices.cost("ecr.storage", measured.assumed.ecr_gb),
            how=f"{measured.assumed.ecr_gb:g} GB of images",
        ),
        DocumentLine(
            service="CloudWatch alarms",
            stated=None,
            computed=prices.cost("cloudwatch.alarms", alarms) + prices.cost("cloudwatch.metrics", CUSTOM_METRICS),
            how=f"{alarms} alarm metrics, autoscaling's own included, and {CUSTOM_METRICS} custom metrics",
        ),
        DocumentLine(
            service="training",
            stated=None,
            computed=prices.cost("training.ml.g4dn.xlarge", TRAINING_HOURS),
            how=f"one run of {TRAINING_HOURS} h, an assumption, x 0.736",
        ),
    ]
