"""SageMaker: the processes of deployed models, behind the runtime's address and in transform jobs."""
