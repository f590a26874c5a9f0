"""Runs the Pulumi program in this process: a stage's file, the run, and the preview of its whole graph."""
