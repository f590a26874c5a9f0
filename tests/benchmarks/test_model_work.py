"""The arithmetic of a forward pass."""

from pathlib import Path

import pytest

from benchmarks import environments
from benchmarks.matrix_product import gflops
from benchmarks.model_work import convolution_operations


def test_a_convolution_multiplies_and_adds_its_kernel_for_every_output():
    assert convolution_operations([16, 3, 3, 3], [1, 16, 320, 320]) == 2 * (3 * 3 * 3) * (16 * 320 * 320)


def test_a_grouped_convolution_sees_only_the_inputs_of_its_group():
    assert convolution_operations([8, 1, 3, 3], [1, 8, 10, 10]) == 2 * 9 * 8 * 100


@pytest.mark.training
@pytest.mark.skipif(not environments.TRAINING.is_file(), reason="the training environment has onnx: make test-all")
def test_the_work_of_the_shipped_weights_grows_with_the_inputs_area(tmp_path: Path):
    weights = str(environments.WEIGHTS)
    work = environments.run(
        environments.TRAINING, "benchmarks.model_work", weights, "640x640", "448x640", home=tmp_path
    )
    assert work["640x640"] == pytest.approx(8.6, abs=0.1), "Ultralytics counts 8.6 GFLOP in these weights"
    assert work["448x640"] == pytest.approx(work["640x640"] * 448 / 640)


def test_a_matrix_product_is_two_operations_for_every_pair_of_elements():
    seconds = iter([0.0, 0.5, 1.0, 1.25, 2.0, 2.5])
    assert gflops(lambda: None, 1000, clock=lambda: next(seconds)) == pytest.approx(2 * 1000**3 / 0.25 / 1e9)
