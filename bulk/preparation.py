"""From a plan's file to the input of a transform job, checked and scaled by the same code as in the API.

A job fails if one of its plans is refused, so a file that the detector could not read is never sent. The input is what
the API would send, so that both find the same rooms in a plan.
"""

from bulk.errors import PlanError
from runtime.blueprint_image import DetectorImage, check_image, scale_for_detector
from runtime.errors import RoomDetectionError


def prepare(content: bytes) -> DetectorImage:
    """The first page for the detector, in less than a job's payload limit. Raises PlanError with the API's words."""
    if not content:
        raise PlanError("invalid_image", "The file is empty: export it again.")
    try:
        return scale_for_detector(check_image(content))
    except RoomDetectionError as error:
        raise PlanError(error.code, str(error)) from error
