"""The SageMaker container images: each is a package with its Dockerfile, and runs the same inside and outside it."""
