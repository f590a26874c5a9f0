"""From a plan's file to what a transform job is sent: checked and scaled by the very code of the API.

A job fails when one of its plans is refused, so that what the detector could not read is never sent; and what is sent
is what the API sends, so that both give a plan the same rooms.
"""

from bulk.errors import PlanError
from runtime.blueprint_image import DetectorImage, check_image, scale_for_detector
from runtime.errors import RoomDetectionError


def prepare(content: bytes) -> DetectorImage:
    """The image for the detector, of far less than a job's payload limit. Raises PlanError with the API's words."""
    if not content:
        raise PlanError("invalid_image", "The file is empty: export it again.")
    try:
        check_image(content)
        return scale_for_detector(content)
    except RoomDetectionError as error:
        raise PlanError(error.code, str(error)) from error
