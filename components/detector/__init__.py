"""The detector: its images' repositories, SageMaker's roles, and what runs it, an endpoint or a function of its own."""
