import pytest

from components.instances import instance_types, vcpus


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("ml.t2.medium", 2),
        ("ml.c8g.medium", 1),
        ("ml.m5.large", 2),
        ("ml.c5.xlarge", 4),
        ("ml.c5.2xlarge", 8),
        ("ml.c4.8xlarge", 36),
        ("ml.c5.9xlarge", 36),
        ("ml.c5.18xlarge", 72),
        ("ml.g4dn.xlarge", 4),
    ],
)
def test_an_instance_type_has_its_vcpus(instance_type: str, count: int) -> None:
    assert vcpus(instance_type) == count


def test_every_endpoint_instance_type_of_sagemaker_has_vcpus() -> None:
    for instance_type in instance_types("endpoints"):
        assert vcpus(instance_type) >= 1, instance_type


@pytest.mark.parametrize("text", ["c5.xlarge", "ml.c5", "ml.c5.huge", "ml.c5.0xlarge", ""])
def test_a_name_that_is_not_an_instance_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not allowed: must be an instance type such as ml\.c5\.xlarge"):
        vcpus(text)
