"""Taking in a blueprint."""

import base64
import binascii
import re
import string
import uuid

from runtime.blueprint_image import check_image
from runtime.errors import InvalidRequestError
from runtime.stores.image_store import ImageStore
from runtime.stores.status_store import StatusStore

# What a browser's FileReader.readAsDataURL puts before the base64. The type that it claims is not looked at.
_DATA_URL_PREFIX = re.compile(r"data:[^,]{0,200};base64,")

# Line breaks that `base64` and e-mail put in.
_WITHOUT_WHITESPACE = str.maketrans("", "", string.whitespace)


def decode_image(text: str) -> bytes:
    """The bytes of base64 `text`, which may be a data URL and may be wrapped into lines.

    Raises InvalidRequestError if it is not base64 or is empty.
    """
    prefix = _DATA_URL_PREFIX.match(text)
    if prefix:
        text = text[prefix.end() :]
    try:
        content = base64.b64decode(text.translate(_WITHOUT_WHITESPACE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError(
            "image is not base64: encode the file's bytes with the standard alphabet and padding."
        ) from error
    if not content:
        raise InvalidRequestError("image is empty: send the base64 of an image file.")
    return content


def upload_blueprint(content: bytes, *, images: ImageStore, records: StatusStore) -> str:
    """Check and store an image; the new blueprint's id.

    The image is stored before the record: a record always has its image. When the record cannot be written the caller
    gets an error and no id, and the bucket's lifecycle rule deletes the image that nothing refers to.

    Raises InvalidImageError, ImageTooLargeError or UnavailableError.
    """
    image_type = check_image(content)
    blueprint_id = str(uuid.uuid4())
    s3_key = f"blueprints/{blueprint_id}.{image_type.extension}"
    images.put(s3_key, content, image_type.content_type)
    records.create_status(blueprint_id, s3_key)
    return blueprint_id
