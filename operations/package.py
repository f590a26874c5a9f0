"""The two archives that the program uploads, built ahead of a deployment."""

from components.packaging import PackagingError, package_function, package_model
from components.settings.groups import FunctionSettings
from operations.external import OperationError


def build() -> None:
    """Builds the function's archive and the model archive and prints their paths and sizes."""
    try:
        paths = [package_function(runtime=FunctionSettings().runtime), package_model().path]
    except PackagingError as error:
        raise OperationError(str(error)) from error
    for path in paths:
        print(f"{path.stat().st_size / 1e6:6.1f} MB  {path}")
