"""Retraining: a state machine that trains the detector again and serves the result where it is better.

`component` registers it. `definition` puts its document together, from one module for each part that a run passes
through: `request`, `training`, `evaluation`, `publishing`, `update` and `endings`. `asl` is the language that they are
written in, `plan` what they all know.
"""
