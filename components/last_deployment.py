"""The result of the stack's last deployment, from its state.

Pulumi itself compares the program with the existing resources. The program reads the state only where it has to tell
Pulumi how to compare: an option such as `ignore_changes` already applies in the update that introduces it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

# Answered by Pulumi's engine itself, from the state; no call to AWS.
READ_STATE = "pulumi:pulumi:readStackResourceOutputs"


@dataclass(frozen=True, kw_only=True)
class LastDeployment:
    """The stack's resources before this update: outputs by URN; none before the first deployment."""

    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "LastDeployment":
        """Reads the state of the current stack."""
        answer = pulumi.runtime.invoke(READ_STATE, {"stackName": pulumi.get_stack()}).value or {}
        return cls(resources={urn: state["outputs"] for urn, state in answer.get("outputs", {}).items()})

    def of_type(self, token: str) -> Mapping[str, Mapping[str, Any]]:
        """The outputs of every resource of a type, `aws:dynamodb/table:Table`, by the resource's name."""
        found = {}
        for urn, outputs in self.resources.items():
            # A URN is urn:pulumi:<stack>::<project>::<type>$<type>...::<name>, its own type the last.
            _, _, types, name = urn.split("::", maxsplit=3)
            if types.split("$")[-1] == token:
                found[name] = outputs
        return found
