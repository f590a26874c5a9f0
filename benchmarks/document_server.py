# pyright: reportMissingImports=false
# (ultralytics and torch are in the training environment only)
"""The document's own design as a server, with which `make bench` compares. Not part of the system.

The document's `inference.py` has the four steps below and no server, but SageMaker's contract requires one. So this
uses the simplest: Flask's own, which the document installs, started with `app.run()`. One process; PyTorch weights, run
by Ultralytics with its defaults and the document's thresholds; torch's default threads; JSON with base64 in, JSON
out. Nothing is made slower or faster than in the document. Weights are loaded once, and nothing is warmed up.

Runs in the training environment: `.venv-training/bin/python -m benchmarks.document_server`, with MODEL_PATH and
SAGEMAKER_BIND_TO_PORT as in the inference image.
"""

import base64
import io
import json
import os

import flask
from PIL import Image
from ultralytics import YOLO
from ultralytics.engine.results import Results

CONFIDENCE_THRESHOLD = 0.25
IOU_THRESHOLD = 0.45


def model_fn(path: str) -> YOLO:
    return YOLO(path)


def input_fn(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(json.loads(body)["image"])))


def predict_fn(image: Image.Image, model: YOLO) -> Results:
    return model(image, conf=CONFIDENCE_THRESHOLD, iou=IOU_THRESHOLD)[0]


def output_fn(prediction: Results) -> str:
    boxes = prediction.boxes.xyxyn.cpu().numpy()
    confidences = prediction.boxes.conf.cpu().numpy()
    rooms = [
        {
            "id": f"room_{number}",
            "bounding_box": [int(edge * 1000) for edge in box],
            "confidence": float(confidence),
        }
        for number, (box, confidence) in enumerate(zip(boxes, confidences, strict=True), start=1)
    ]
    return json.dumps({"rooms": rooms})


def application(model: YOLO) -> flask.Flask:
    app = flask.Flask(__name__)

    @app.get("/ping")
    def ping() -> str:
        return ""

    @app.post("/invocations")
    def invocations() -> flask.Response:
        answer = output_fn(predict_fn(input_fn(flask.request.get_data()), model))
        return flask.Response(answer, mimetype="application/json")

    return app


if __name__ == "__main__":
    application(model_fn(os.environ["MODEL_PATH"])).run(port=int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
