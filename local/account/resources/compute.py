"""Lambda: functions as moto knows them, and who may invoke them. `local.functions` runs their code."""

import secrets
from pathlib import Path
from typing import Any

import pulumi

from local.account.inputs import Inputs, UnsupportedError, pascal_keys, physical_name
from local.account.resources.creation import Create, Created, Request


def archive_path(code: Any) -> Path:
    """The zip file that a function's `code` names."""
    if not isinstance(code, pulumi.FileArchive) or Path(code.path).suffix != ".zip":
        raise UnsupportedError(
            "property code is not a zip file: package the function as a pulumi.FileArchive of a .zip"
        )
    return Path(code.path)


def _function(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, limit=64)
    environment = inputs.group("environment")
    answer = request.aws.client("lambda").create_function(
        FunctionName=name,
        Role=inputs.need("role"),
        **_code(inputs),
        Environment={"Variables": environment.take("variables", {})},
        **_settings(inputs),
    )
    if (reserved := inputs.take("reservedConcurrentExecutions")) is not None and reserved >= 0:
        request.aws.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    inputs.set_aside("these only decide about a later update or removal", "sourceCodeHash", "skipDestroy")
    arn = answer["FunctionArn"]
    invoke_arn = f"arn:aws:apigateway:{request.aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    outputs = {"name": name, "arn": arn, "invokeArn": invoke_arn, "version": answer["Version"]}
    return Created(id=name, outputs=outputs)


def _code(inputs: Inputs) -> dict[str, Any]:
    image = inputs.take("imageUri")
    if image is None:
        return {"Code": {"ZipFile": archive_path(inputs.need("code")).read_bytes()}}
    config = inputs.group("imageConfig")
    overrides = config.arguments(EntryPoint="entryPoints", Command="commands", WorkingDirectory="workingDirectory")
    return {"Code": {"ImageUri": image}, "ImageConfig": overrides}


def _settings(inputs: Inputs) -> dict[str, Any]:
    settings = inputs.arguments(
        Runtime="runtime",
        Handler="handler",
        Description="description",
        Timeout="timeout",
        MemorySize="memorySize",
        Architectures="architectures",
        PackageType="packageType",
        Publish="publish",
        Tags="tags",
        EphemeralStorage="ephemeralStorage",
        TracingConfig="tracingConfig",
        LoggingConfig="loggingConfig",
    )
    nested = ("EphemeralStorage", "TracingConfig", "LoggingConfig")
    return {key: pascal_keys(value) if key in nested else value for key, value in settings.items()}


def _permission(request: Request) -> Created:
    inputs = request.inputs
    statement = inputs.take("statementId") or f"{request.name}-{secrets.token_hex(4)[:7]}"
    request.aws.client("lambda").add_permission(
        FunctionName=inputs.need("function"),
        StatementId=statement,
        **inputs.arguments(
            Action="action", Principal="principal", SourceArn="sourceArn", SourceAccount="sourceAccount"
        ),
    )
    return Created(id=statement, outputs={"statementId": statement})


CREATE: dict[str, Create] = {
    "aws:lambda/function:Function": _function,
    "aws:lambda/permission:Permission": _permission,
}
