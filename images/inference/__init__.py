"""The inference image: finds the rooms of a floor plan on a CPU, behind SageMaker's hosting contract or in Lambda.

Run as `python -m images.inference serve`. A request passes through `payload` (body to image bytes), `decoding` (bytes
to an upright RGB image), `letterbox` (image to the model's input), `detection` (forward pass), `suppression`
(overlapping boxes) and `rooms` (boxes to the answer); `server` is the HTTP around them. In Lambda the same steps run as
`function`, over `detector`. Only the entry points, `__main__` and `lambda_entry`, read the environment.
"""

import os

# ONNX Runtime's official builds report to their maker over the network, and keep a database in the home folder for it,
# unless this is set before they are imported ("Disabling Telemetry" in onnxruntime's Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
