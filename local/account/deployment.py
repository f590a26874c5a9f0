"""What a program deployed: every resource with its inputs and the embedded AWS's answer."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DeployedResource:
    """A resource that exists. `inputs` are plain: secrets unwrapped, whole numbers as int; `outputs` include them."""

    type: str
    name: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass
class Deployment:
    """Every deployed resource in order of creation; thread-safe."""

    _resources: list[DeployedResource] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, resource: DeployedResource) -> None:
        with self._lock:
            self._resources.append(resource)

    def of_type(self, type_token: str) -> list[DeployedResource]:
        with self._lock:
            return [resource for resource in self._resources if resource.type == type_token]

    def __len__(self) -> int:
        return len(self._resources)
