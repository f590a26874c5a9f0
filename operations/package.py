"""Builds the two archives that the program uploads, without deploying them."""

from typing import get_args

from components.packaging import PackagingError, package_function, package_model
from components.settings.groups import LambdaRuntime
from components.settings.stage import SettingsError, parse_settings
from operations import stacks
from operations.external import OperationError


def build(stage: str | None = None) -> None:
    """Builds the function's archive and the model archive and prints their paths and sizes.

    Args:
        stage: the stage whose `function.runtime` the function is packaged for; None for every supported runtime.
    """
    try:
        runtimes = get_args(LambdaRuntime) if stage is None else (_runtime(stage),)
        paths = [*(package_function(runtime=runtime) for runtime in runtimes), package_model().path]
    except (PackagingError, SettingsError) as error:
        raise OperationError(str(error)) from error
    for path in paths:
        print(f"{path.stat().st_size / 1e6:6.1f} MB  {path}")


def _runtime(stage: str) -> LambdaRuntime:
    return parse_settings(stacks.config(stage).get(stacks.SETTINGS), key=stacks.SETTINGS).function.runtime
