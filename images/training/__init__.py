"""The training image: trains the room detector on labelled plans, and compares it with the deployed one.

Run as `python -m images.training train` in the folder that SageMaker calls /opt/ml. A run passes through
`hyperparameters`, `channels` (plans, checked and prepared), `weights` (starting weights), `trainer` (Ultralytics'
training with checkpoints, and with `distillation`), `export` (ONNX, compared with PyTorch), `quantization` (its int8
copy) and `report` (metrics with the serving code); `run` calls them in order. Only `__main__` reads the environment.

`recipes` trains this project's own weights, by a command of its own.

Unlike the inference image, it uses two other folders: `blueprints` for labelled plans and their metrics, and
`images.inference`, because its weights have to work with that code.
"""
