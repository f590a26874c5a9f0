# pyright: reportMissingImports=false
# (onnx is in the training environment only)
"""The arithmetic of one forward pass: the floating-point operations of the network's convolutions.

A multiplication and an addition are two operations. Everything else in the network is left out (activations, additions,
pooling: under 2 % of YOLOv8n). It runs in the training environment:
`python -m benchmarks.model_work models/best.onnx 448x640` prints GFLOP by height x width of the input.
"""

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path


def convolution_operations(weights: Sequence[int], output: Sequence[int]) -> int:
    """Operations of a convolution: `weights` [out, in / groups, height, width], `output` [n, out, height, width]."""
    _out, *kernel = weights
    return 2 * math.prod(kernel) * math.prod(output)


def gflop(path: Path, height: int, width: int) -> float:
    """GFLOP of the ONNX network's convolutions for one image of `height` x `width` px, both multiples of its stride."""
    import onnx
    from onnx.tools.update_model_dims import update_inputs_outputs_dims

    model = onnx.load(path)
    outputs = {node.name: [f"{node.name}_{axis}" for axis in range(3)] for node in model.graph.output}
    sized = update_inputs_outputs_dims(model, {model.graph.input[0].name: [1, 3, height, width]}, outputs)
    graph = onnx.shape_inference.infer_shapes(sized, data_prop=True).graph
    weights = {one.name: list(one.dims) for one in graph.initializer}
    shapes = {one.name: [size.dim_value for size in one.type.tensor_type.shape.dim] for one in graph.value_info}
    return (
        sum(
            convolution_operations(weights[node.input[1]], shapes[node.output[0]])
            for node in graph.node
            if node.op_type == "Conv"
        )
        / 1e9
    )


if __name__ == "__main__":
    network, *sizes = sys.argv[1:]
    print(json.dumps({size: gflop(Path(network), *map(int, size.split("x"))) for size in sizes}))
