"""The inference image: finds the rooms of a floor plan on a CPU, behind SageMaker's hosting contract or in Lambda.

Run as `python -m images.inference serve`. A request passes through `payload` (body to image bytes), `decoding` (bytes
to an upright image), `letterbox` (image to the network's input), `network` (forward pass), `detection` with
`suppression` (boxes that stay) and `answer_rooms` (boxes to the answer); `detector` joins them. `server` is the HTTP
around them, `admission` says which requests it takes; `function` is the same for Lambda. Only the entry points,
`__main__` and `lambda_entry`, read the environment.
"""

import sys

# OpenVINO would report to its makers over the network, and keep files for it in the home folder, through this package;
# where it cannot be imported, it does without.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
