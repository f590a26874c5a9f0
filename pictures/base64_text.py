"""A picture in JSON: base64, in the forms that people and programs send."""

import base64
import binascii
import re
import string

from pictures.errors import PictureError

# The prefix that a browser's FileReader.readAsDataURL writes. The media type in it is ignored.
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
_LEFT_OUT = string.whitespace.encode()  # line breaks that `base64` and e-mail insert


class NotBase64Error(PictureError):
    """The text is not base64, or is empty."""


def decode_base64(text: str) -> bytes:
    """Decodes base64: standard or URL-safe alphabet, padded or not, wrapped or not, or a data URL.

    Raises NotBase64Error.
    """
    prefix = _DATA_URL.match(text)
    try:
        encoded = text[prefix.end() if prefix else 0 :].encode("ascii").translate(_URL_ALPHABET, _LEFT_OUT).rstrip(b"=")
        content = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotBase64Error(
            "image is not base64: encode the file's bytes, in the standard or the URL-safe alphabet."
        ) from error
    if not content:
        raise NotBase64Error("image is empty: send the base64 of an image file.")
    return content
