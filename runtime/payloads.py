"""The JSON bodies of `openapi.yaml` as types. A test compares the two."""

from typing import Literal, NotRequired, TypedDict

Status = Literal["uploaded", "processing", "completed", "failed"]


class UploadRequest(TypedDict):
    """`image`: base64 of the image file."""

    image: str


class ProcessRequest(TypedDict):
    """`blueprint_id`: the UUID from the answer of the upload; `page`: from 1, which it is if it is missing."""

    blueprint_id: str
    page: NotRequired[int]


class Room(TypedDict):
    """One detected room.

    `bounding_box` is `[x_min, y_min, x_max, y_max]`, integers in 0..1000 of the upright image's width and height;
    `confidence` is in 0..1 with 4 decimals.
    """

    id: str
    bounding_box: list[int]
    confidence: float
    name_hint: str


class ImageSize(TypedDict):
    """The upright image's size in pixels, or a PDF page's in points, to which a room's thousandths refer."""

    width: int
    height: int


class Page(TypedDict):
    """The number of the page that was read, and of the file's pages. Only a PDF or a TIFF has more than one."""

    number: int
    count: int


class Findings(TypedDict):
    """The results of processing: stored in the record, returned by `POST /process` and `GET /status`.

    Rooms are in descending order of confidence. Records from before `image` and `page` were added have neither.
    """

    detected_rooms: list[Room]
    image: NotRequired[ImageSize]
    page: NotRequired[Page]


class UploadAnswer(TypedDict):
    """The answer of `POST /upload`."""

    blueprint_id: str
    message: str


class ProcessAnswer(Findings):
    """The answer of `POST /process`."""

    blueprint_id: str


class StatusAnswer(TypedDict):
    """The answer of `GET /status`. Times are whole Unix seconds. The fields of `Findings` exist only if `completed`."""

    blueprint_id: str
    status: Status
    created_at: int
    updated_at: int
    detected_rooms: NotRequired[list[Room]]
    image: NotRequired[ImageSize]
    page: NotRequired[Page]
    error: NotRequired[str]
    """Only when `failed`."""


class ErrorDetail(TypedDict):
    """`code` is for programs, `message` for people."""

    code: str
    message: str


class ErrorAnswer(TypedDict):
    """The body of every answer other than 200."""

    error: ErrorDetail
    request_id: str
