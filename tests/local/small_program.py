"""A small Pulumi program with functions that misbehave, each behind a route of an API that is written out by hand."""

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

FUNCTIONS: Mapping[str, str] = {
    "echo": "return {'statusCode': 200, 'body': json.dumps({'event': event, 'environment': dict(os.environ)})}",
    "path": "return {'statusCode': 200, 'body': json.dumps({'path': sys.path, 'modules': importable()})}",
    "slow": "time.sleep(30)",
    "late": "time.sleep(3); return {'statusCode': 200}",
    "greedy": "kept = bytearray(400 << 20); return {'statusCode': 200}",
    "crashing": "os._exit(7)",
    "exiting": "sys.exit(3)",
    "raising": "raise RuntimeError('no rooms today')",
    "malformed": "return ['not', 'a', 'response']",
    "huge": "return {'statusCode': 200, 'body': 'x' * 7_000_000}",
    "printing": "print('a line of the log'); return {'statusCode': 204}",
    "reserved": "return held(event)",
    "holding": "return held(event)",
}
_SOURCE = """
import importlib.util, json, os, sys, time

def importable():
    names = ("boto3", "pulumi", "moto", "aiohttp", "PIL", "numpy", "awslambdaric")
    return [name for name in names if importlib.util.find_spec(name)]

def held(event):
    # Says in a folder that it runs, and answers once there is a file `go`.
    folder = event["queryStringParameters"]["folder"]
    open(os.path.join(folder, str(os.getpid())), "w").close()
    while not os.path.exists(os.path.join(folder, "go")):
        time.sleep(0.01)
    return {"statusCode": 200, "body": str(os.getpid())}

"""
_TIMEOUTS = {"slow": 1}
_RESERVED_CONCURRENCY = {"reserved": 1}
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
_ORDER_SCHEMA = {
    "type": "object",
    "required": ["size"],
    "properties": {"size": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
_ERROR_TEMPLATE = '{"code": "%s", "request_id": "$context.requestId"}'


def write_archive(directory: Path) -> Path:
    """One archive for every function: a handler each, and a module that fails to import."""
    handlers = "\n".join(f"def {name}(event, context):\n    {source}\n" for name, source in FUNCTIONS.items())
    path = directory / "functions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("functions.py", _SOURCE + handlers)
        archive.writestr("broken.py", "import a_package_that_is_not_in_the_archive\n")
    return path


def small_program(archive: Path) -> Callable[[], None]:
    """The program: a role, the functions, an open API with stage `open` and one that wants keys, stage `keyed`."""

    def program() -> None:
        role = aws.iam.Role("functions", assume_role_policy=_TRUST)
        functions = {name: _function(name, f"functions.{name}", role, archive) for name in FUNCTIONS}
        functions["broken"] = _function("broken", "broken.handle", role, archive)
        functions["forbidden"] = functions["echo"]
        arns = pulumi.Output.all(**{name: function.invoke_arn for name, function in functions.items()})
        _api("open", arns.apply(lambda found: json.dumps(_open_body(found))), functions, rate=1000, burst=1000)
        _api("keyed", arns.apply(lambda found: json.dumps(_keyed_body(found))), functions, rate=1000, burst=1000)
        _api("throttled", arns.apply(lambda found: json.dumps(_throttled_body(found))), functions, rate=0.001, burst=2)

    return program


def tiny_program(archive: Path) -> Callable[[], None]:
    """A program with one function, behind `GET /echo` of stage `tiny`."""

    def program() -> None:
        role = aws.iam.Role("functions", assume_role_policy=_TRUST)
        echo = _function("echo", "functions.echo", role, archive)
        body = echo.invoke_arn.apply(lambda arn: json.dumps(_body("tiny", {"/echo": {"get": _proxy(arn)}})))
        _api("tiny", body, {"echo": echo}, rate=1000, burst=1000)

    return program


def _function(name: str, handler: str, role: aws.iam.Role, archive: Path) -> aws.lambda_.Function:
    logs = aws.cloudwatch.LogGroup(f"{name}-logs", name=f"/aws/lambda/{name}")
    return aws.lambda_.Function(
        name,
        name=name,
        role=role.arn,
        runtime="python3.11",
        handler=handler,
        code=pulumi.FileArchive(str(archive)),
        memory_size=256,
        timeout=_TIMEOUTS.get(name, 20),
        reserved_concurrent_executions=_RESERVED_CONCURRENCY.get(name),
        environment=aws.lambda_.FunctionEnvironmentArgs(variables={"COLOUR": "blue"}),
        opts=pulumi.ResourceOptions(depends_on=[logs]),
    )


def _api(
    stage: str, body: pulumi.Output[str], functions: Mapping[str, aws.lambda_.Function], *, rate: float, burst: int
) -> None:
    api = aws.apigateway.RestApi(f"{stage}-api", body=body)
    deployment = aws.apigateway.Deployment(f"{stage}-deployment", rest_api=api.id)
    logs = aws.cloudwatch.LogGroup(f"{stage}-access", name=f"access/{stage}")
    deployed = aws.apigateway.Stage(
        f"{stage}-stage",
        rest_api=api.id,
        deployment=deployment.id,
        stage_name=stage,
        variables={"season": "winter"},
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn=logs.arn,
            format="$context.httpMethod $context.resourcePath $context.status $context.nothing",
        ),
    )
    aws.apigateway.MethodSettings(
        f"{stage}-settings",
        rest_api=api.id,
        stage_name=deployed.stage_name,
        method_path="*/*",
        settings=aws.apigateway.MethodSettingsSettingsArgs(throttling_rate_limit=rate, throttling_burst_limit=burst),
    )
    for name in functions.keys() - {"forbidden"}:
        aws.lambda_.Permission(
            f"{stage}-{name}",
            action="lambda:InvokeFunction",
            function=functions[name].name,
            principal="apigateway.amazonaws.com",
            # `/forbidden` is outside.
            source_arn=api.execution_arn.apply(lambda arn, path=name: f"{arn}/{stage}/*/{path}*"),
        )
    if stage == "keyed":
        plan = aws.apigateway.UsagePlan(
            "plan",
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=api.id, stage=deployed.stage_name)],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(rate_limit=1000, burst_limit=1000),
            quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(limit=3, period="MONTH"),
        )
        for name in ("first", "second"):
            key = aws.apigateway.ApiKey(f"{name}-key", value=f"{name}-key-of-twenty-characters")
            aws.apigateway.UsagePlanKey(f"{name}-link", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id)
        aws.apigateway.ApiKey("unlinked-key", value="unlinked-key-of-twenty-characters")


def _proxy(invoke_arn: str, **more: Any) -> dict[str, Any]:
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": invoke_arn}
    return {"responses": {}, "x-amazon-apigateway-integration": integration | more.pop("integration", {}), **more}


def _body(title: str, paths: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.1", "info": {"title": title, "version": "1", "description": title}, "paths": paths, **more}


def _open_body(arns: Mapping[str, str]) -> dict[str, Any]:
    paths: dict[str, Any] = {f"/{name}": {"get": _proxy(arn)} for name, arn in arns.items()}
    paths["/late"] = {"get": _proxy(arns["late"], integration={"timeoutInMillis": 500})}
    paths["/echo"]["post"] = _proxy(arns["echo"])
    paths["/echo/{id}"] = {"get": _proxy(arns["echo"])}
    paths["/echo/fixed"] = {"get": _proxy(arns["echo"])}
    paths["/echo/order"] = {
        "post": _proxy(
            arns["echo"],
            requestBody={"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
            parameters=[{"in": "query", "name": "colour", "required": True, "schema": {"type": "string"}}],
            **{"x-amazon-apigateway-request-validator": "all"},
        ),
        "options": {
            "responses": {},
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": '{"statusCode": 200}'},
                "responses": {
                    "default": {
                        "statusCode": "204",
                        "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"},
                    }
                },
            },
        },
    }
    return _body(
        "open",
        paths,
        components={"schemas": {"Order": _ORDER_SCHEMA}},
        **{
            "x-amazon-apigateway-request-validators": {
                "all": {"validateRequestBody": True, "validateRequestParameters": True}
            },
            "x-amazon-apigateway-binary-media-types": ["image/*"],
            "x-amazon-apigateway-gateway-responses": {
                "BAD_REQUEST_BODY": {
                    "statusCode": 422,
                    "responseTemplates": {"application/json": _ERROR_TEMPLATE % "body"},
                    "responseParameters": {"gatewayresponse.header.X-Advice": "'read the schema'"},
                },
                "DEFAULT_4XX": {"responseTemplates": {"application/json": _ERROR_TEMPLATE % "default"}},
            },
        },
    )


def _keyed_body(arns: Mapping[str, str]) -> dict[str, Any]:
    paths = {"/echo": {"get": _proxy(arns["echo"], security=[{"key": []}])}}
    scheme = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    return _body("keyed", paths, components={"securitySchemes": {"key": scheme}})


def _throttled_body(arns: Mapping[str, str]) -> dict[str, Any]:
    return _body("throttled", {f"/{name}": {"get": _proxy(arns[name])} for name in ("echo", "printing")})
