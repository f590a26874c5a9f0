"""API Gateway as moto knows it: its identifiers, stages, plans and keys. `local.gateway` serves what is deployed.

moto keeps routes and integrations of an API's body and drops the rest; the gateway reads the body itself.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.account.inputs import Inputs, physical_name
from local.account.resources.creation import Create, Created, Request

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def _rest_api(request: Request) -> Created:
    gateway, inputs = request.aws.client("apigateway"), request.inputs
    body = inputs.take("body")
    endpoint = inputs.group("endpointConfiguration")
    policy = inputs.take("policy")
    api = gateway.create_rest_api(
        name=physical_name(request.name, inputs),
        endpointConfiguration={"types": [endpoint.take("types")]} if endpoint else {},
        tags=inputs.take("tags", {}),
        **({"policy": policy if isinstance(policy, str) else json.dumps(policy)} if policy else {}),
        **inputs.arguments(
            description="description",
            binaryMediaTypes="binaryMediaTypes",
            apiKeySource="apiKeySource",
            disableExecuteApiEndpoint="disableExecuteApiEndpoint",
        ),
    )
    if body:
        document = json.dumps(body_for_moto(json.loads(body)))
        gateway.put_rest_api(
            restApiId=api["id"],
            body=document.encode(),
            **inputs.arguments(mode="putRestApiMode", failOnWarnings="failOnWarnings", parameters="parameters"),
        )
    root = next(r["id"] for r in gateway.get_resources(restApiId=api["id"], limit=500)["items"] if r["path"] == "/")
    outputs = {
        "name": api["name"],
        "arn": f"arn:aws:apigateway:{request.aws.region}::/restapis/{api['id']}",
        "rootResourceId": root,
        "executionArn": request.arn("execute-api", api["id"]),
        "createdDate": api["createdDate"].isoformat(),
    }
    return Created(id=api["id"], outputs=outputs)


def body_for_moto(body: Mapping[str, Any]) -> dict[str, Any]:
    """An OpenAPI body without the parts on which moto's `put_rest_api` fails.

    Path items keep only their methods, and an integration that calls nothing (a mock) gets the `uri` and `httpMethod`
    that moto requires for every integration.
    """
    paths = {
        path: {method: _method_for_moto(operation) for method, operation in item.items() if method in _METHODS}
        for path, item in body["paths"].items()
    }
    return {**body, "paths": paths}


def _method_for_moto(operation: Mapping[str, Any]) -> dict[str, Any]:
    integration = operation.get("x-amazon-apigateway-integration")
    if integration is None or "uri" in integration:
        return dict(operation)
    filled = {"uri": "mock", "httpMethod": "POST", **integration}
    return {**operation, "x-amazon-apigateway-integration": filled}


def _deployment(request: Request) -> Created:
    inputs = request.inputs
    answer = request.aws.client("apigateway").create_deployment(
        restApiId=inputs.need("restApi"), **inputs.arguments(description="description", variables="variables")
    )
    inputs.set_aside("triggers only decide whether a later update deploys again", "triggers")
    return Created(id=answer["id"], outputs={"createdDate": answer["createdDate"].isoformat()})


def _stage(request: Request) -> Created:
    inputs = request.inputs
    api, stage = inputs.need("restApi"), inputs.need("stageName")
    gateway = request.aws.client("apigateway")
    gateway.create_stage(
        restApiId=api,
        stageName=stage,
        deploymentId=inputs.need("deployment"),
        tags=inputs.take("tags", {}),
        **inputs.arguments(
            description="description",
            variables="variables",
            cacheClusterEnabled="cacheClusterEnabled",
            tracingEnabled="xrayTracingEnabled",
        ),
    )
    if log := inputs.group("accessLogSettings"):
        _patch_stage(
            request,
            api,
            stage,
            {
                "/accessLogSettings/destinationArn": log.need("destinationArn"),
                "/accessLogSettings/format": log.need("format"),
            },
        )
    return Created(
        id=f"ags-{api}-{stage}",
        outputs={
            "arn": f"arn:aws:apigateway:{request.aws.region}::/restapis/{api}/stages/{stage}",
            "executionArn": request.arn("execute-api", f"{api}/{stage}"),
            "invokeUrl": f"{request.api_origin}/{stage}",
        },
    )


def _patch_stage(request: Request, api: str, stage: str, values: Mapping[str, Any]) -> None:
    operations = [{"op": "replace", "path": path, "value": _patch_value(value)} for path, value in values.items()]
    request.aws.client("apigateway").update_stage(restApiId=api, stageName=stage, patchOperations=operations)


def _patch_value(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


_METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
}


def _method_settings(request: Request) -> Created:
    inputs = request.inputs
    api, stage, path = inputs.need("restApi"), inputs.need("stageName"), inputs.need("methodPath")
    settings = inputs.group("settings")
    given = {patch: settings.take(name) for name, patch in _METHOD_SETTINGS.items()}
    _patch_stage(request, api, stage, {f"/{path}/{patch}": v for patch, v in given.items() if v is not None})
    return Created(id=f"{api}-{stage}-{path}")


def _usage_plan(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs)
    stages = [_api_stage(stage) for stage in inputs.groups("apiStages")]
    arguments: dict[str, Any] = inputs.arguments(description="description", tags="tags")
    if throttle := inputs.group("throttleSettings"):
        arguments["throttle"] = throttle.arguments(rateLimit="rateLimit", burstLimit="burstLimit")
    if quota := inputs.group("quotaSettings"):
        arguments["quota"] = quota.arguments(limit="limit", period="period", offset="offset")
    plan = request.aws.client("apigateway").create_usage_plan(name=name, apiStages=stages, **arguments)
    outputs = {"name": name, "arn": f"arn:aws:apigateway:{request.aws.region}::/usageplans/{plan['id']}"}
    return Created(id=plan["id"], outputs=outputs)


def _api_stage(stage: Inputs) -> dict[str, Any]:
    return {"apiId": stage.need("apiId"), "stage": stage.need("stage")}


def _api_key(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs)
    key = request.aws.client("apigateway").create_api_key(
        name=name,
        enabled=inputs.take("enabled", True),
        tags=inputs.take("tags", {}),
        **inputs.arguments(description="description", value="value", customerId="customerId"),
    )
    arn = f"arn:aws:apigateway:{request.aws.region}::/apikeys/{key['id']}"
    return Created(id=key["id"], outputs={"name": name, "arn": arn, "value": key["value"]})


def _usage_plan_key(request: Request) -> Created:
    inputs = request.inputs
    key = request.aws.client("apigateway").create_usage_plan_key(
        usagePlanId=inputs.need("usagePlanId"), keyId=inputs.need("keyId"), keyType=inputs.need("keyType")
    )
    return Created(id=key["id"], outputs={"name": key.get("name"), "value": key.get("value")})


def _account(request: Request) -> Created:
    role = request.inputs.take("cloudwatchRoleArn")
    operations = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}] if role else []
    request.aws.client("apigateway").update_account(patchOperations=operations)
    return Created(id="api-gateway-account")


CREATE: dict[str, Create] = {
    "aws:apigateway/restApi:RestApi": _rest_api,
    "aws:apigateway/deployment:Deployment": _deployment,
    "aws:apigateway/stage:Stage": _stage,
    "aws:apigateway/methodSettings:MethodSettings": _method_settings,
    "aws:apigateway/usagePlan:UsagePlan": _usage_plan,
    "aws:apigateway/apiKey:ApiKey": _api_key,
    "aws:apigateway/usagePlanKey:UsagePlanKey": _usage_plan_key,
    "aws:apigateway/account:Account": _account,
}
