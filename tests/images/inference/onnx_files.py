"""Minimal ONNX files with an input and output of any shape, written field by field: serving has no need of onnx.

Field numbers are those of onnx.proto3.
"""

import struct
from collections.abc import Sequence

_IR_VERSION = 8
_OPSET_VERSION = 13
_FLOAT = 1
_INT64 = 7
_INT_ATTRIBUTE = 2

Shape = tuple[int | str, ...]


def identity_model(shape: Shape) -> bytes:
    """Returns a model whose one float output is its one float input, of `shape`: sizes, or names of free dimensions."""
    node = _text(1, "images") + _text(2, "output0") + _text(4, "Identity")
    graph = _message(1, node) + _text(2, "graph") + _message(11, _value("images", shape))
    graph += _message(12, _value("output0", shape))
    return _number(1, _IR_VERSION) + _message(7, graph) + _message(8, _number(2, _OPSET_VERSION))


def constant_model(candidates: Sequence[Sequence[float]]) -> bytes:
    """Returns a detector that sees the same in every image: `candidates`, each centre x and y, width, height in pixels
    of its input, and confidence.

    A zero for every pixel comes after them, without which the number of anchors would be fixed.
    """
    values = [value for column in zip(*candidates, strict=True) for value in column]
    tensors = {
        "candidates": _tensor((1, 5, len(candidates)), _FLOAT, struct.pack(f"<{len(values)}f", *values)),
        "shape": _tensor((3,), _INT64, struct.pack("<3q", 1, 5, -1)),
        "zero": _tensor((1,), _FLOAT, struct.pack("<f", 0)),
    }
    axis = _message(5, _text(1, "axis") + _number(3, 2) + _number(20, _INT_ATTRIBUTE))
    graph = _message(1, _text(1, "images") + _text(1, "shape") + _text(2, "pixels") + _text(4, "Reshape"))
    graph += _message(1, _text(1, "pixels") + _text(1, "zero") + _text(2, "zeros") + _text(4, "Mul"))
    graph += _message(1, _text(1, "candidates") + _text(1, "zeros") + _text(2, "output0") + _text(4, "Concat") + axis)
    graph += _text(2, "graph") + b"".join(_message(5, tensor + _text(8, name)) for name, tensor in tensors.items())
    graph += _message(11, _value("images", (1, 3, "height", "width")))
    graph += _message(12, _value("output0", (1, 5, "anchors")))
    return _number(1, _IR_VERSION) + _message(7, graph) + _message(8, _number(2, _OPSET_VERSION))


def _tensor(sizes: Sequence[int], data_type: int, content: bytes) -> bytes:
    return b"".join(_number(1, size) for size in sizes) + _number(2, data_type) + _message(9, content)


def _value(name: str, shape: Shape) -> bytes:
    sizes = b"".join(_message(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape)
    return _text(1, name) + _message(2, _message(1, _number(1, _FLOAT) + _message(2, sizes)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])
