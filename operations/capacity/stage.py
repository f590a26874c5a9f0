"""A stage for the computation of capacity: its settings, and the account's quotas."""

from dataclasses import dataclass
from typing import get_args

from components.naming import Inference
from components.settings.stage import StageSettings, parse_settings
from operations import stacks
from operations.capacity.measurements import MB_PER_GB, Measurements
from operations.capacity.prices import PriceList

INFERENCES: tuple[Inference, ...] = get_args(Inference)

# upload, process, status.
REQUESTS_PER_PLAN = 3
# For a record with ten rooms, 1 to 2 kB: written at upload, at the start and, twice as large, at the end of processing;
# read consistently by status.
WRITE_UNITS_PER_PLAN = 4
READ_UNITS_PER_PLAN = 1

# Quotas of an account and region. AWS raises all except the serverless one on request; a new account may have less.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
API_REQUESTS_PER_SECOND = 10_000
API_BURST = 5_000
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
FUNCTION_CONCURRENCY = 1_000
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html: units of one table.
TABLE_UNITS = 40_000
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html: of an endpoint.
SERVERLESS_CONCURRENCY = 200
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html: of a prefix.
S3_PUTS_PER_SECOND = 3_500


@dataclass(frozen=True, kw_only=True)
class ServedStage:
    """A stage's settings, with quotas, prices and measurements.

    Attributes:
        function_concurrency: the account's quota for all functions together.
    """

    name: str
    settings: StageSettings
    measured: Measurements
    prices: PriceList
    function_concurrency: int = FUNCTION_CONCURRENCY

    @property
    def copies(self) -> int:
        """Maximum concurrent calls of the detector's function. For each, a call of the API's function waits."""
        return self.settings.detector_function.reserved_concurrency or self.function_concurrency // 2


def read_stage(name: str, measured: Measurements, prices: PriceList) -> ServedStage:
    """The stage of `Pulumi.<name>.yaml`.

    Raises:
        OperationError: there is no such file, or it has no configuration.
        SettingsError: a setting is wrong.
    """
    values = stacks.config(name).get(stacks.SETTINGS, {})
    settings = parse_settings(values, key=stacks.SETTINGS)
    measured = measured.model_copy(update={"views": settings.endpoint.views})
    return ServedStage(name=name, settings=settings, measured=measured, prices=prices)


def gb(megabytes: int) -> float:
    return megabytes / MB_PER_GB
