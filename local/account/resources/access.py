"""IAM roles and their inline policies."""

import json
from typing import Any

from local.account.inputs import physical_name, tag_list
from local.account.resources.creation import Create, Created, Request


def _document(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _role(request: Request) -> Created:
    iam, inputs = request.aws.client("iam"), request.inputs
    name = physical_name(request.name, inputs, prefix="namePrefix", limit=64)
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=_document(inputs.need("assumeRolePolicy")),
        Tags=tag_list(inputs.take("tags")),
        **inputs.arguments(
            Description="description",
            Path="path",
            MaxSessionDuration="maxSessionDuration",
            PermissionsBoundary="permissionsBoundary",
        ),
    )["Role"]
    for policy in inputs.groups("inlinePolicies"):
        iam.put_role_policy(
            RoleName=name, PolicyName=policy.need("name"), PolicyDocument=_document(policy.need("policy"))
        )
    inputs.set_aside("nothing is destroyed one by one here", "forceDetachPolicies")
    return Created(id=name, outputs={"name": name, "arn": role["Arn"], "uniqueId": role["RoleId"]})


def _role_policy(request: Request) -> Created:
    inputs = request.inputs
    role, name = inputs.need("role"), physical_name(request.name, inputs, prefix="namePrefix", limit=128)
    policy = _document(inputs.need("policy"))
    request.aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)
    return Created(id=f"{role}:{name}", outputs={"name": name})


CREATE: dict[str, Create] = {
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
}
