"""Retraining: a state machine that trains the detector again and serves the result if it is better.

`component` registers it. `definition` assembles its document from one module for each part of a run: `request`,
`training`, `evaluation`, `publishing`, `update` and `endings`. `asl` has functions for the states language, `plan` the
values that all parts use.
"""
