"""The training image: trains the room detector on labelled plans, and compares it with the one that is deployed.

Run as `python -m images.training train` over the folder that SageMaker calls /opt/ml. A run passes through
`hyperparameters`, `channels` (plans, checked and prepared), `weights` (what it starts from), `trainer` (Ultralytics'
training with checkpoints, and with `distillation`), `export` (ONNX, compared with PyTorch), `quantization` (its int8
copy) and `report` (figures by the code that serves); `run` is the order of these. Only `__main__` reads the
environment.

Unlike the inference image it builds on two other folders: `blueprints` for labelled plans and their metrics, and
`images.inference` for what its weights have to work with.
"""
