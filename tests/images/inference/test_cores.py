import os
from pathlib import Path

import pytest

from images.inference.cores import available_cores


@pytest.mark.parametrize(
    ("cpu_limit", "expected"),
    [("max 100000\n", None), ("100000 100000\n", 1), ("1000 100000\n", 1), ("9900000 100000\n", None)],
)
def test_a_container_uses_the_cores_of_its_quota_and_never_more_than_the_process_has(
    tmp_path: Path, cpu_limit: str, expected: int | None
) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text(cpu_limit)
    assert available_cores(limit) == (expected or len(os.sched_getaffinity(0)))


def test_without_a_quota_the_process_uses_the_cores_of_its_affinity(tmp_path: Path) -> None:
    assert available_cores(tmp_path / "missing") == len(os.sched_getaffinity(0))
