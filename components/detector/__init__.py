"""The detector: the repositories of its images, SageMaker's roles, and the endpoint or function that runs it."""
