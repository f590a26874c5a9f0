"""Speeds that were measured here, carried over to AWS's machines."""

from pathlib import Path

import pytest
import yaml

from operations.capacity.measurements import MB_PER_VCPU, load_measurements
from operations.capacity.prices import CapacityError
from tests.operations.capacity.stages import MEASURED

TEXT = yaml.safe_dump(MEASURED.model_dump(exclude={"core_speed", "vcpus_per_core_of_a_function"}))


def test_an_instance_is_as_fast_as_its_physical_cores():
    measured = MEASURED
    of_a_core = measured.detector.requests_per_second / measured.detector.cores
    assert measured.instance_rate("ml.c5.xlarge") == pytest.approx(2 * of_a_core), "4 vCPUs are 2 cores"
    assert measured.instance_rate("ml.c5.4xlarge") == pytest.approx(8 * of_a_core)


def test_a_function_gets_half_a_core_for_each_vcpu_and_no_more_than_six():
    measured = MEASURED
    of_a_core = measured.detector.requests_per_second / measured.detector.cores
    assert measured.copy_seconds(2 * MB_PER_VCPU) == pytest.approx(1 / of_a_core)
    assert measured.copy_seconds(10_240) == pytest.approx(1 / (3 * of_a_core), rel=0.05)


def test_a_detection_of_four_views_counts_as_four():
    four = MEASURED.model_copy(update={"views": 4})
    assert four.instance_rate("ml.c5.xlarge") == pytest.approx(MEASURED.instance_rate("ml.c5.xlarge") / 4)
    assert four.copy_seconds(4096) == pytest.approx(4 * MEASURED.copy_seconds(4096))
    assert four.fixed_seconds == MEASURED.fixed_seconds


def test_less_memory_makes_a_calls_computation_longer_but_not_its_waiting():
    measured = MEASURED
    call = measured.function.process
    assert measured.call_seconds(call, 2 * MB_PER_VCPU) == pytest.approx((call.core_ms + call.waiting_ms) / 1000)
    assert measured.call_seconds(call, MB_PER_VCPU) == pytest.approx((2 * call.core_ms + call.waiting_ms) / 1000)
    assert measured.call_seconds(call, 10_240) == pytest.approx((call.core_ms + call.waiting_ms) / 1000), "one thread"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "is not YAML"),
        ("- 1", "the file: "),
        (TEXT.replace("cores: 2", "cores: many"), "detector.cores: "),
        (TEXT.replace("ecr_gb:", "ecr:"), "assumed.ecr"),
    ],
)
def test_a_file_that_is_something_else_is_one_line(text: str, problem: str, tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(CapacityError) as failure:
        load_measurements(path)
    assert str(failure.value).startswith(str(path))
    assert problem in str(failure.value)
    assert "\n" not in str(failure.value)


def test_another_file_of_the_same_form_is_accepted(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace("requests_per_second: 18", "requests_per_second: 40"))
    assert load_measurements(path).instance_rate("ml.c5.xlarge") == 40
