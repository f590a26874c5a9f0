"""Stores a new blueprint."""

import uuid

from pictures.base64_text import NotBase64Error, decode_base64
from runtime.blueprint_image import check_image
from runtime.errors import InvalidRequestError
from runtime.stores.blueprint_records import BlueprintRecords
from runtime.stores.image_store import ImageStore


def decode_image(text: str) -> bytes:
    """The bytes of base64 `text`. Raises InvalidRequestError if it is not base64 or is empty."""
    try:
        return decode_base64(text)
    except NotBase64Error as error:
        raise InvalidRequestError(str(error)) from error


def upload_blueprint(content: bytes, *, images: ImageStore, records: BlueprintRecords) -> str:
    """Check and store an image; returns the new blueprint's id.

    The image is stored before the record, so that a record always has its image. If the record cannot be written, the
    caller gets an error and no id, and the bucket's lifecycle rule deletes the unreferenced image.

    Raises InvalidImageError, ImageTooLargeError or UnavailableError.
    """
    file = check_image(content)
    blueprint_id = str(uuid.uuid4())
    s3_key = f"blueprints/{blueprint_id}.{file.format.extension}"
    images.put(s3_key, content, file.format.media_type)
    records.create_status(blueprint_id, s3_key, page_count=file.page_count)
    return blueprint_id
