"""SageMaker: the processes of deployed models, for the runtime's address and for transform jobs."""
