"""Recipes: how the shipped weights are trained, each from one file that names its data, its start and its constants.

Run as `python -m images.training.recipes NAME`, on a CPU or a GPU. Beside labelled plans, the network learns from
plans and pages that other processes keep drawing during the run (`drawn`). Sheets of 640 px are composed on the
device from both (`composition`, `colours`); `network` is YOLOv8n's body with a head for boxes and outlines, `losses`
what it is trained on, `run` the loop.

Unlike `trainer`, which trains on a user's plans by SageMaker's contract, a run here needs no epochs: it has a number of
steps or of seconds. With steps, the same recipe gives nearly the same weights again; not to the last bit, because it
depends on the machine how many sheets are drawn meanwhile.
"""
