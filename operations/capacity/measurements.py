"""Speed of the detector and the function: measured here, and scaled to AWS's machines by the number of cores.

The measurement is a rate on some cores. An instance's rate is proportional to its physical cores: two vCPUs of c5 and
c6i are two hyperthreads of one core
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-optimize-cpu.html), and a matrix product uses a core
fully. Nothing was measured on AWS: `CORE_SPEED` is the range of the uncertainty.
"""

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from components.instances import vcpus
from operations.capacity.prices import CapacityError

FILE = Path(__file__).with_name("measurements.yaml")

VCPUS_PER_CORE = 2
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: one vCPU at 1,769 MB, six at 10,240 MB.
MB_PER_VCPU = 1769
MOST_VCPUS_OF_A_FUNCTION = 6
MB_PER_GB = 1024

# Speed of a core there relative to a core here. Low: an older, slower, shared core. High: AVX-512, which doubles the
# operations per cycle but lowers the clock.
CORE_SPEED = {"low": 0.75, "expected": 1.0, "high": 1.75}


class _Measured(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DetectorSpeed(_Measured):
    """Of the server on `cores` cores: requests/s when it is never idle, and latency in ms with one client.

    `variation` is the relative standard deviation of a request's processing time.
    """

    command: str
    precision: str
    cores: int
    requests_per_second: float
    latency_ms: float
    variation: float


class CallTime(_Measured):
    """A call of the function, without the detector: ms on a whole core, and ms of waiting for AWS."""

    core_ms: float
    waiting_ms: float


class FunctionTimes(_Measured):
    command: str
    upload: CallTime
    process: CallTime
    status: CallTime
    image_kb: float
    detector_image_kb: float
    answer_kb: float


class Assumptions(_Measured):
    """Assumptions that could only be measured on AWS."""

    instance_start_seconds: float
    serverless_cold_start_seconds: float
    function_cold_start_seconds: float
    idle_seconds: float
    invocation_ms: float
    server_queue_seconds: float
    execution_log_kb: float
    access_log_kb: float
    function_log_kb: float
    detector_log_kb: float
    ecr_gb: float


class Measurements(_Measured):
    """All speed measurements, with the day and the machine.

    `views` is the stage's `endpoint.views`. The detector was measured with one. Each further view counts as a whole
    detection, but repeats only the forward pass, so more views are a little faster than computed here.
    """

    measured_on: date
    machine: str
    detector: DetectorSpeed
    function: FunctionTimes
    assumed: Assumptions
    core_speed: float = CORE_SPEED["expected"]
    vcpus_per_core_of_a_function: int = VCPUS_PER_CORE
    views: int = 1

    def instance_rate(self, instance_type: str) -> float:
        """Requests/s of one instance that is never idle."""
        return self._rate(vcpus(instance_type) / VCPUS_PER_CORE)

    def copy_seconds(self, memory_mb: int) -> float:
        """Seconds of one detection in a function or a serverless container of that memory."""
        return 1 / self._rate(self._function_cores(memory_mb))

    def call_seconds(self, call: CallTime, memory_mb: int) -> float:
        """Seconds of a call of the function with this memory; its one thread uses at most one core."""
        core_share = min(1.0, self._function_cores(memory_mb)) * self.core_speed
        return (call.core_ms / core_share + call.waiting_ms) / 1000

    @property
    def fixed_seconds(self) -> float:
        """The part of a detection's latency that does not delay other requests."""
        own = self.detector.latency_ms / 1000 - 1 / self.detector.requests_per_second
        return max(0.0, own) + self.assumed.invocation_ms / 1000

    def _rate(self, cores: float) -> float:
        return self.detector.requests_per_second / self.views * cores / self.detector.cores * self.core_speed

    def _function_cores(self, memory_mb: int) -> float:
        return min(MOST_VCPUS_OF_A_FUNCTION, memory_mb / MB_PER_VCPU) / self.vcpus_per_core_of_a_function


def load_measurements(path: Path = FILE) -> Measurements:
    """The measurements of a file in the form of `measurements.yaml`.

    Raises:
        CapacityError: the file cannot be read, or has another format.
    """
    try:
        return Measurements.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CapacityError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CapacityError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CapacityError(f"{path}: {where}: {first['msg']}: write it as in {FILE.name}") from error
