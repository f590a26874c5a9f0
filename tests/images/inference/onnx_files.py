"""Minimal ONNX files with an input and output of any shape, written field by field: serving has no need of onnx.

Field numbers are those of onnx.proto3.
"""

_IR_VERSION = 8
_OPSET_VERSION = 13
_FLOAT = 1

Shape = tuple[int | str, ...]


def identity_model(shape: Shape) -> bytes:
    """Returns a model whose one float output is its one float input, of `shape`: sizes, or names of free dimensions."""
    node = _text(1, "images") + _text(2, "output0") + _text(4, "Identity")
    graph = _message(1, node) + _text(2, "graph") + _message(11, _value("images", shape))
    graph += _message(12, _value("output0", shape))
    return _number(1, _IR_VERSION) + _message(7, graph) + _message(8, _number(2, _OPSET_VERSION))


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
