"""The processor's peak speed: the fastest float32 matrix product that numpy or torch reaches on it.

It runs in the environment that has the library: `python -m benchmarks.matrix_product torch` prints GFLOP/s by size.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping

SIZES = (1024, 2048, 4096)
# The best of several, because other processes can only slow a product down.
LEAST_PRODUCTS = 3
LEAST_SECONDS = 1.0


def numpy_product(size: int) -> Callable[[], object]:
    import numpy as np

    rng = np.random.default_rng(0)
    left, right = (rng.random((size, size), dtype=np.float32) for _ in range(2))
    product = np.empty_like(left)
    return lambda: np.matmul(left, right, out=product)


def torch_product(size: int) -> Callable[[], object]:
    import torch  # pyright: ignore[reportMissingImports]

    left, right = (torch.rand(size, size) for _ in range(2))
    product = torch.empty_like(left)
    return lambda: torch.mm(left, right, out=product)


PRODUCTS: Mapping[str, Callable[[int], Callable[[], object]]] = {"numpy": numpy_product, "torch": torch_product}


def gflops(multiply: Callable[[], object], size: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The GFLOP/s of the fastest product of two `size` x `size` matrices: 2 size^3 operations each."""
    multiply()
    fastest, spent, count = float("inf"), 0.0, 0
    while count < LEAST_PRODUCTS or spent < LEAST_SECONDS:
        started = clock()
        multiply()
        seconds = clock() - started
        fastest, spent, count = min(fastest, seconds), spent + seconds, count + 1
    return 2 * size**3 / fastest / 1e9


if __name__ == "__main__":
    prepare = PRODUCTS[sys.argv[1]]
    print(json.dumps({str(size): gflops(prepare(size), size) for size in SIZES}))
