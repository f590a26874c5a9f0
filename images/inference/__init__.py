"""The inference image: finds the rooms of a floor plan on a CPU, behind SageMaker's hosting contract or in Lambda.

Run as `python -m images.inference serve`. A request passes through `payload` (body to image bytes), `decoding` (bytes
to an upright image), `letterbox` (image to the network's input), `network` (forward pass), `detection` with
`suppression` (network output to detections) and `answer_rooms` (detections to rooms); `detector` combines them.
`server` is the HTTP server, `admission` decides which requests it accepts; `function` is the handler for Lambda. Only
the entry points, `__main__` and `lambda_entry`, read the environment.
"""

import sys

# OpenVINO uses this package to send telemetry over the network, with files in the home folder; if it cannot be
# imported, OpenVINO works without it.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
