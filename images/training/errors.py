"""Why a run ends without results: each message is one line that names the thing, its value and what to do."""

WRONG_INPUT = 2
FAILED = 1


class TrainingError(Exception):
    """A run that cannot continue; `exit_code` is its exit status."""

    exit_code = FAILED


class InputError(TrainingError):
    """Invalid input of the run: hyperparameters, plans, weights, checkpoints."""

    exit_code = WRONG_INPUT


class OccupiedError(InputError):
    """The folder belongs to another run, so not even a failure file is written into it."""


def one_line(error: BaseException) -> str:
    """The error's text on one line."""
    return " ".join(str(error).split()) or type(error).__name__
