"""moto's services, imported without ECS and EC2, which take as long to import as all the others together.

moto's application autoscaling uses ECS's backends, and ECS imports EC2. Here they are imported on first use.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

# Every other service is imported when it is first called.
_SERVICES = ("s3", "iam", "sts", "dynamodb", "apigateway", "awslambda", "sagemaker", "cloudwatch", "logs", "ecr", "sns")
_ECS = "moto.ecs"


class _EcsBackends:
    """ECS's backends by account and then by region, imported on first use."""

    def __init__(self, *where: str) -> None:
        self._where = where

    def __getitem__(self, name: str) -> "_EcsBackends":
        return _EcsBackends(*self._where, name)

    def __getattr__(self, name: str) -> Any:
        backend = importlib.import_module(_ECS).ecs_backends
        for key in self._where:
            backend = backend[key]
        return getattr(backend, name)


def import_services() -> None:
    """Imports the services that a program of this project calls, so that the first call need not wait for it."""
    _import_application_autoscaling()
    for service in _SERVICES:
        importlib.import_module(f"moto.{service}.responses")


def _import_application_autoscaling() -> None:
    if _ECS in sys.modules:
        return
    in_place_of_ecs = ModuleType(_ECS)
    vars(in_place_of_ecs)["ecs_backends"] = _EcsBackends()
    sys.modules[_ECS] = in_place_of_ecs
    try:
        importlib.import_module("moto.applicationautoscaling.responses")
    finally:
        del sys.modules[_ECS]
