"""What a deployed stage adds to its API: throttles, keys and their plans, permissions, the access log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from local.account.clients import ACCOUNT_ID
from local.account.deployment import DeployedResource, Deployment
from local.account.inputs import UnsupportedError
from local.gateway.api import Api, Method
from local.gateway.limits import Quota, TokenBucket

_UNLIMITED = -1  # API Gateway's own mark for a method without a throttle


@dataclass(kw_only=True)
class Plan:
    """A usage plan as it applies to one key: each key has limits of its own."""

    key_id: str
    throttle: TokenBucket | None
    quota: Quota | None


@dataclass(kw_only=True)
class Stage:
    """A deployed stage of an API."""

    name: str
    api_id: str
    api: Api
    region: str
    deployment_id: str
    variables: Mapping[str, str] | None
    access_log_group: str | None
    access_log_format: str
    plans: Mapping[str, Plan]
    permissions: tuple[Mapping[str, Any], ...]
    _settings: Mapping[str, Mapping[str, Any]]
    _throttles: dict[tuple[str, str], TokenBucket | None] = field(default_factory=dict)

    def throttle(self, method: Method) -> TokenBucket | None:
        """The method's own token bucket; the stage's settings are the defaults for every method."""
        key = (method.resource, method.http_method)
        if key not in self._throttles:
            settings = {**self._settings.get("*/*", {}), **self._settings.get(_method_path(method), {})}
            rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
            limited = rate is not None and burst is not None and rate != _UNLIMITED and burst != _UNLIMITED
            self._throttles[key] = TokenBucket(float(rate or 0), int(burst or 0)) if limited else None
        return self._throttles[key]

    def may_invoke(self, function_arn: str, method: Method, path: str) -> bool:
        """Whether a Lambda permission lets this method invoke the function."""
        source = f"arn:aws:execute-api:{self.region}:{ACCOUNT_ID}:{self.api_id}/{self.name}/{method.http_method}{path}"
        function_name = function_arn.rpartition(":")[2]
        return any(
            permission["function"] in (function_arn, function_name)
            and permission["principal"] == "apigateway.amazonaws.com"
            and permission["action"] in ("lambda:InvokeFunction", "lambda:*")
            and fnmatchcase(source, permission.get("sourceArn", "*"))
            for permission in self.permissions
        )


def _method_path(method: Method) -> str:
    return f"{method.resource.lstrip('/').replace('/', '~1')}/{method.http_method}"


def stages(deployment: Deployment, region: str) -> dict[str, Stage]:
    """Every deployed stage by its name. `UnsupportedError` if one cannot be served, or two share a name."""
    apis = {api.id: api for api in deployment.of_type("aws:apigateway/restApi:RestApi")}
    found: dict[str, Stage] = {}
    for resource in deployment.of_type("aws:apigateway/stage:Stage"):
        name, api = resource.inputs["stageName"], apis[resource.inputs["restApi"]]
        if name in found:
            raise UnsupportedError(f"stage {name!r} appears twice: the first part of a local URL can name only one API")
        found[name] = _stage(name, resource, api, deployment, region)
    return found


def _stage(name: str, resource: DeployedResource, api: DeployedResource, deployment: Deployment, region: str) -> Stage:
    log = resource.inputs.get("accessLogSettings") or {}
    return Stage(
        name=name,
        api_id=api.id,
        api=Api(api.inputs["body"]),
        region=region,
        deployment_id=resource.inputs["deployment"],
        variables=resource.inputs.get("variables"),
        access_log_group=log["destinationArn"].partition(":log-group:")[2].removesuffix(":*") if log else None,
        access_log_format=log.get("format", ""),
        plans=_plans(deployment, api.id, name),
        permissions=tuple(p.inputs for p in deployment.of_type("aws:lambda/permission:Permission")),
        _settings={
            settings.inputs["methodPath"]: settings.inputs["settings"]
            for settings in deployment.of_type("aws:apigateway/methodSettings:MethodSettings")
            if settings.inputs["restApi"] == api.id and settings.inputs["stageName"] == name
        },
    )


def _plans(deployment: Deployment, api_id: str, stage: str) -> dict[str, Plan]:
    """The plan of every enabled key that may use the stage, by the key's value."""
    keys = {key.id: key for key in deployment.of_type("aws:apigateway/apiKey:ApiKey")}
    usage_plans = {plan.id: plan for plan in deployment.of_type("aws:apigateway/usagePlan:UsagePlan")}
    found: dict[str, Plan] = {}
    for link in deployment.of_type("aws:apigateway/usagePlanKey:UsagePlanKey"):
        key, plan = keys[link.inputs["keyId"]], usage_plans[link.inputs["usagePlanId"]]
        covered = [(s["apiId"], s["stage"]) for s in plan.inputs.get("apiStages", [])]
        if (api_id, stage) in covered and key.inputs.get("enabled", True):
            found[key.outputs["value"]] = _plan(key.id, plan.inputs)
    return found


def _plan(key_id: str, inputs: Mapping[str, Any]) -> Plan:
    throttle, quota = inputs.get("throttleSettings"), inputs.get("quotaSettings")
    return Plan(
        key_id=key_id,
        throttle=TokenBucket(float(throttle["rateLimit"]), int(throttle["burstLimit"])) if throttle else None,
        quota=Quota(int(quota["limit"]), quota["period"]) if quota else None,
    )
