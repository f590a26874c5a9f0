"""The entry point in Lambda, which runs the image with `python -m awslambdaric images.inference.lambda_entry.handle`.

Importing this module is the function's initialisation: the model is loaded once, before the first call, in the time
that does not count towards a call.
"""

import os

from images.inference.function import DetectorFunction
from images.inference.logs import configure_logging

configure_logging()
handle = DetectorFunction.load(os.environ)
