"""Pulumi's program, run in a process of one's own: a stage's file, the run, and the preview of its whole graph."""
