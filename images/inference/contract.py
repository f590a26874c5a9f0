"""SageMaker's hosting contract and the limits of this server: every path, port, variable and media type in one place.

Sources: "Use Your Own Inference Code with Hosting Services" (paths, port, 60 s to answer, SIGTERM then 30 s) and "Use
Your Own Inference Code with Batch Transform" (execution parameters) in the SageMaker developer guide; the body limit is
the `max` of `BodyBlob` in botocore's `sagemaker-runtime` service model.
"""

from pictures.formats import MEDIA_TYPES

SERVE_COMMAND = "serve"

PING_PATH = "/ping"
INVOCATIONS_PATH = "/invocations"
EXECUTION_PARAMETERS_PATH = "/execution-parameters"
INFERENCE_ID_HEADER = "X-Amzn-SageMaker-Inference-Id"

ADDRESS_VARIABLE = "BIND_ADDRESS"  # not SageMaker's: to hide the server from the network
PORT_VARIABLE = "SAGEMAKER_BIND_TO_PORT"
MODEL_PATH_VARIABLE = "MODEL_PATH"
CONFIDENCE_VARIABLE = "CONFIDENCE_THRESHOLD"
IOU_VARIABLE = "IOU_THRESHOLD"
PRECISION_VARIABLE = "PRECISION"
VIEWS_VARIABLE = "VIEWS"

DEFAULT_ADDRESS = "0.0.0.0"  # noqa: S104 - SageMaker calls from outside the container
DEFAULT_PORT = 8080
DEFAULT_MODEL_PATH = "/opt/ml/model/best.onnx"

MAX_BODY_BYTES = 6_291_456

JSON_TYPE = "application/json"
# SageMaker's own media type for any image, and those of the supported types.
IMAGE_TYPES = frozenset({"application/x-image"}) | MEDIA_TYPES

# Batch Transform allows at most 100 MB in total: concurrent transforms x payload limit.
BATCH_PAYLOAD_MB = 6
MOST_BATCH_TRANSFORMS = 16

# SageMaker kills the container 30 s after SIGTERM. A body gets less time than the drain, so that a stalled upload
# cannot delay the drain.
BODY_TIMEOUT_SECONDS = 15.0
DRAIN_TIMEOUT_SECONDS = 22.0

# SageMaker abandons a request after 60 s, the API's function after 20: a request that would wait longer is refused at
# once.
MAX_WAIT_SECONDS = 15.0
MAX_BODIES_BYTES = 134_217_728
# Larger images are decoded one at a time, so that other requests do not wait for them.
LARGE_IMAGE_PX = 1_000_000
