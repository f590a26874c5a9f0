"""What stops a run, and what is wrong with one plan of it."""


class BulkError(Exception):
    """The run cannot go on; the text is one line that says why and what to do. Run again, it goes on from there."""


class BulkInputError(BulkError):
    """The archive or the folder for the results cannot be used as they are."""


class PlanError(Exception):
    """One plan has no rooms: `code` for programs, as the API has it, and the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


# What may be otherwise the next time: these plans are tried again when the command is run again.
UNREADABLE = "unreadable"
DETECTOR_ERROR = "detector_error"
