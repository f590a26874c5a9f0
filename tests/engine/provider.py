"""A provider for Pulumi's engine in the place of pulumi-resource-aws.

It tells the engine what the real one would: outputs, differences, replacements, names that are taken. What only AWS
knows it cannot show: permissions, quotas, values that a service refuses. What the operations look at (repositories,
the bucket and its objects, models, endpoints) it makes in moto as well, where it is given a server.

The engine finds it through PULUMI_DEBUG_PROVIDERS, a provider that runs already.
"""

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.engine import schema
from tests.engine.moto_account import REGION, MotoAccount

ACCOUNT_ID = "123456789012"
# What the engine takes for a value that is not known yet (sdk/go/common/resource/plugin/rpc.go, UnknownStringValue).
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# A name as the provider makes one: the resource's own, and seven hexadecimal digits.
GENERATED_NAME = re.compile(r".*-[0-9a-f]{7}")
# Which input is a resource's name in AWS, the first that it has.
_NAMES = ("name", "bucket", "functionName", "dashboardName", "repository", "function", "role", "restApi")
# May be there any number of times under one name, or has no name of its own.
_NAMELESS = ("Deployment", "Permission", "MethodSettings", "ApiKey", "UsagePlanKey", "RestApi", "UsagePlan")
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT_ID,
        "arn": f"arn:aws:iam::{ACCOUNT_ID}:user/x",
        "id": ACCOUNT_ID,
        "userId": "x",
    },
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing that the engine had done: what, to which resource, and which inputs differed or replaced it."""

    method: str
    urn: str
    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@dataclass
class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The account that the engine deploys into.

    Attributes:
        calls: what was created, updated, replaced and deleted, previews left out.
        there: the name of each thing that the account has, with the resource's id.
        refused: AWS refuses to create or update what has a URN that this pattern finds.
        held: the creation of what has a URN that this pattern finds waits until `release` is set; `waiting` says that
            it does.
        moto: where the operations find what the program has made; None for tests that do without.
    """

    calls: list[Call] = field(default_factory=list)
    there: dict[str, str] = field(default_factory=dict)
    refused: str | None = None
    held: str | None = None
    waiting: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    moto: MotoAccount | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="7.51.1")

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def Invoke(self, request, context):
        answer = _ANSWERS.get(request.tok)
        if answer is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"tests/engine/provider.py has no answer for {request.tok}")
        returned = Struct()
        returned.update(answer)
        return provider_pb2.InvokeResponse(**{"return": returned})  # pyright: ignore[reportArgumentType]

    def Check(self, request, context):
        known = schema.inputs(_token(request.urn))
        given = provider_pb2.CheckResponse(inputs=request.news).inputs
        failures = [
            provider_pb2.CheckFailure(property=key, reason=f"{_token(request.urn)} has no such input")
            for key in sorted(given.fields)
            if key not in known and not key.startswith("__")
        ]
        if "name" in known and "name" not in given.fields and "namePrefix" not in given.fields:
            before = request.olds.fields["name"].string_value if "name" in request.olds.fields else ""
            given.update({"name": before or f"{request.urn.rpartition('::')[2]}-{request.randomSeed.hex()[:7]}"})
        return provider_pb2.CheckResponse(inputs=given, failures=failures)

    def Diff(self, request, context):
        token = _token(request.urn)
        old, new = _plain(request.old_inputs), _plain(request.news)
        changed = {
            key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and key not in request.ignoreChanges
        }
        replaces = schema.replaces(token, changed)
        if changed:
            self._note("Diff", request.urn, changed=tuple(sorted(changed)), replaces=tuple(replaces))
        kinds = provider_pb2.PropertyDiff
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=replaces,
            diffs=sorted(changed),
            detailedDiff={
                key: kinds(kind=kinds.UPDATE_REPLACE if key in replaces else kinds.UPDATE, inputDiff=True)
                for key in changed
            },
            hasDetailedDiff=True,
            # As Pulumi's bridge has it: two things cannot have one given name at the same time.
            deleteBeforeReplace=bool(replaces) and not GENERATED_NAME.fullmatch(str(new.get("name", "-0000000"))),
        )

    def Create(self, request, context):
        token, given = _token(request.urn), _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_with_outputs(token, request, preview=True))
        self._note("Create", request.urn)
        self._refuse(request.urn, context)
        if self.held and re.search(self.held, request.urn):
            self.waiting.set()
            self.release.wait()
            context.abort(grpc.StatusCode.CANCELLED, "the deployment was killed before AWS was asked")
        made = f"{request.urn.rpartition('::')[2]}-{uuid.uuid4().hex[:6]}"
        if token.endswith(":TopicSubscription"):
            # SNS answers a second Subscribe with the subscription that is there.
            made = f"{given['topic']}:{given['protocol']}:{given['endpoint']}"
        name = _name(token, given)
        with self._lock:
            owner = self.there.setdefault(name, made) if name else made
        if owner != made:
            context.abort(grpc.StatusCode.UNKNOWN, f"AlreadyExists: {name}")
        if self.moto:
            self.moto.create(token, given)
        return provider_pb2.CreateResponse(id=made, properties=_with_outputs(token, request, preview=False))

    def Update(self, request, context):
        token = _token(request.urn)
        if not request.preview:
            self._note("Update", request.urn)
            self._refuse(request.urn, context)
            if self.moto:
                self.moto.update(token, _plain(request.news))
        properties = _outputs(token, request.urn, request.news, preview=request.preview)
        return provider_pb2.UpdateResponse(properties=properties)

    def Read(self, request, context):
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request, context):
        self._note("Delete", request.urn)
        if self.moto:
            self.moto.delete(_token(request.urn), _plain(request.properties))
        with self._lock:
            # A bucket goes with its objects and what is set of it, a repository with its policies.
            given = _plain(request.properties)
            holder = given.get("bucket") if _token(request.urn).endswith(":Bucket") else None
            holder = given["name"] if _token(request.urn).endswith(":Repository") else holder
            for name in [n for n, id_ in self.there.items() if id_ == request.id or _belongs(n, holder)]:
                del self.there[name]
        return empty_pb2.Empty()

    def _note(self, method: str, urn: str, **differences: tuple[str, ...]) -> None:
        with self._lock:
            self.calls.append(Call(method=method, urn=urn, **differences))

    def _refuse(self, urn: str, context: grpc.ServicerContext) -> None:
        if self.refused and re.search(self.refused, urn):
            context.abort(grpc.StatusCode.UNKNOWN, "AccessDeniedException: not authorized")


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _plain(values: Struct) -> dict[str, Any]:
    return MessageToDict(values)


def _name(token: str, given: Mapping[str, Any]) -> str | None:
    """What AWS has only once: a kind of thing and its own name; None where any number may be there."""
    kind = token.rpartition(":")[2]
    if kind in _NAMELESS or "appautoscaling" in token:
        return None
    if kind == "BucketObjectv2":
        return f"{kind} {given['bucket']}/{given['key']}"
    if kind == "TopicSubscription":
        return f"{kind} {given['topic']}:{given['protocol']}:{given['endpoint']}"
    own = next((given[key] for key in _NAMES if key in given), None)
    return f"{kind} {own} {given.get('role', '')}".strip() if own else None


def _belongs(name: str, holder: str | None) -> bool:
    of = name.partition(" ")[2]
    return holder is not None and (of == holder or of.startswith(f"{holder}/"))


def _with_outputs(token: str, request: provider_pb2.CreateRequest, *, preview: bool) -> Struct:
    return _outputs(token, request.urn, request.properties, preview=preview)


def _outputs(token: str, urn: str, given: Struct, *, preview: bool) -> Struct:
    """The inputs, and beside them what the program reads."""
    values = _plain(given)
    own = values.get("name") or values.get("bucket") or urn.rpartition("::")[2]
    service, kind = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
    arn = f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{kind[0].lower()}{kind[1:]}/{own}"
    outputs = {"arn": arn, "name": own}
    match kind:
        case "Bucket":
            outputs |= {"arn": f"arn:aws:s3:::{own}", "bucketRegionalDomainName": f"{own}.s3.{REGION}.amazonaws.com"}
        case "Repository":
            outputs |= {"repositoryUrl": f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/{own}"}
        case "RestApi" | "Deployment" | "Stage":
            outputs |= {
                "rootResourceId": "root",
                "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:abc",
                "invokeUrl": f"https://abc.execute-api.{REGION}.amazonaws.com/prod",
            }
        case "ApiKey":
            outputs |= {"value": "the value of the key"}
        case "Function":
            invoke_arn = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
            outputs |= {"invokeArn": invoke_arn, "qualifiedArn": f"{arn}:1", "version": "1"}
    made = Struct()
    made.CopyFrom(given)
    made.update({key: UNKNOWN if preview else value for key, value in outputs.items() if key not in values})
    return made
