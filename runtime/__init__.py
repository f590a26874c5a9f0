"""What runs in Lambda: uploads, room detection and status behind one API Gateway proxy handler.

`handler.handle` is the entry point and `openapi.yaml` the contract that it answers to. A handler parses and
serialises, a service (`upload`, `process`, `status`) holds the logic, and a store (`stores/`) is the only place that
talks to AWS.
"""
