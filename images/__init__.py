"""The SageMaker container images: each is a package with a Dockerfile, and runs in the same way outside a container."""
