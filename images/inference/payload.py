"""From the body of a request to the bytes of an image."""

import json
import zlib

from images.inference import contract
from images.inference.errors import InvalidRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from pictures.base64_text import NotBase64Error, decode_base64

BODY_TOO_LARGE = f"the body is larger than {contract.MAX_BODY_BYTES} bytes: send a smaller image"

_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32  # distinguished by their first bytes
_PACKED = ("gzip", "deflate")


def check_media_type(media_type: str) -> None:
    """Raises UnsupportedMediaTypeError unless `media_type` (without parameters, lower case) is one the server takes."""
    if media_type != contract.JSON_TYPE and media_type not in contract.IMAGE_TYPES:
        allowed = ", ".join([contract.JSON_TYPE, *sorted(contract.IMAGE_TYPES)])
        raise UnsupportedMediaTypeError(f"Content-Type {media_type} is not supported: send one of {allowed}")


def unpack(body: bytes, encoding: str | None) -> bytes:
    """Returns the decompressed body; `encoding` is its Content-Encoding or None. It unpacks at most the allowed body
    size.

    Raises:
        UnsupportedMediaTypeError: neither gzip nor deflate.
        PayloadTooLargeError: more than MAX_BODY_BYTES.
        InvalidRequestError: the body does not have this encoding, or is incomplete.
    """
    if encoding is None or encoding.lower() == "identity":
        return body
    if encoding.lower() not in _PACKED:
        raise UnsupportedMediaTypeError(
            f"Content-Encoding {encoding} is not supported: send the body as it is, or one of {', '.join(_PACKED)}"
        )
    unpacking = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        unpacked = unpacking.decompress(body, contract.MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise InvalidRequestError(
            f"the body cannot be unpacked: it is not {encoding}, as its Content-Encoding says"
        ) from error
    if len(unpacked) > contract.MAX_BODY_BYTES:
        raise PayloadTooLargeError(BODY_TOO_LARGE)
    if not unpacking.eof:
        raise InvalidRequestError(f"the body cannot be unpacked: its {encoding} data is cut short: send all of it")
    return unpacked


def read_image_bytes(body: bytes, media_type: str) -> bytes:
    """Returns the image inside `body`: the body itself, or for JSON the decoded text of its field `image`.

    A raw image's declared type is not compared with its content: the decoder detects the format from the bytes.

    Raises:
        InvalidRequestError: the body is empty or not a JSON object, or its `image` is missing or not base64 text.
    """
    if not body:
        raise InvalidRequestError("the body is empty: send an image")
    if media_type != contract.JSON_TYPE:
        return body
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError('the body is not JSON: send {"image": "<base64>"}') from error
    return image_field(document)


def image_field(document: object) -> bytes:
    """Returns the image from the base64 text under `image` in a JSON document.

    Raises:
        InvalidRequestError: the body is not an object, or its `image` is missing or not base64 text.
    """
    if not isinstance(document, dict) or "image" not in document:
        raise InvalidRequestError('the field "image" is missing: send {"image": "<base64>"}')
    encoded = document["image"]
    if not isinstance(encoded, str) or not encoded:
        raise InvalidRequestError('the field "image" must be a non-empty string of base64')
    try:
        return decode_base64(encoded)
    except NotBase64Error as error:
        raise InvalidRequestError(str(error)) from error
