"""From a plan's file to what a transform job is sent: checked and scaled by the very code of the API.

A job fails when one of its plans is refused, so that what the detector could not read is never sent; and what is sent
is what the API sends, so that both give a plan the same rooms.
"""

from bulk.errors import PlanError
from images.inference.contract import MAX_BODY_BYTES
from runtime.blueprint_image import check_image, scale_for_detector
from runtime.errors import RoomDetectionError


def prepare(content: bytes) -> bytes:
    """The image for the detector, of at most MAX_BODY_BYTES. Raises PlanError with the API's code and words."""
    if not content:
        raise PlanError("invalid_image", "The file is empty: export it again.")
    try:
        check_image(content)
        prepared = scale_for_detector(content).content
    except RoomDetectionError as error:
        raise PlanError(error.code, str(error)) from error
    if len(prepared) > MAX_BODY_BYTES:  # a small image with megabytes of notes in its file
        raise PlanError(
            "image_too_large", f"The file has {len(prepared)} bytes; at most {MAX_BODY_BYTES} are sent: save it anew."
        )
    return prepared
