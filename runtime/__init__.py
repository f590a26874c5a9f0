"""What runs in Lambda: uploads, room detection and status behind one API Gateway proxy handler.

`handler.handle` is the entry point, and `openapi.yaml` the contract that it follows. A handler parses and serialises, a
service (`upload`, `process`, `status`) holds the logic, and only a store (`stores/`) talks to AWS.
"""
