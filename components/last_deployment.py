"""What the stack's last deployment left, as its state has it.

Pulumi compares what a program wants with what there is by itself. The program looks at the state only where it has to
tell Pulumi how to compare: an option such as `ignore_changes` holds from the very update that first has it.
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
        """Of the stack that the program runs for."""
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
