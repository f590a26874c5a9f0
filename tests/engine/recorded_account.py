"""An account that keeps which rights what is asked of it would have needed: moto's server on a free port."""

import base64
import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPMethod
from typing import Any
from urllib.request import Request, urlopen

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from components.naming import Names

_CREDENTIAL = re.compile(r"Credential=(?P<key_id>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/")
# Which right a request of an object needs.
_OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
# Parameters of S3 that name no other right.
_PLAIN = re.compile(r"(x-id|list-type|prefix|delimiter|max-keys|marker|encoding-type|start-after|continuation-token)=")
_SAGEMAKER = {"EndpointName": "endpoint", "EndpointConfigName": "endpoint-config", "ModelName": "model"}


@dataclass(frozen=True, order=True)
class Right:
    """IAM's action, and the ARN of what it is done to; "*" where the request names nothing, a name of a KMS key."""

    action: str
    resource: str


class RecordedAccount:
    """moto's server.

    Attributes:
        address: of the server.
        rights: what each request needed, in turn, by the access key it was signed with.
    """

    def __init__(self, names: Names) -> None:
        self.rights: list[tuple[str, Right]] = []
        self._names = names
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        # moto's accounts are the process's: what other tests have left goes.
        urlopen(Request(f"{self.address}/moto-api/reset", method="POST")).close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def of(self, key_id: str) -> set[Right]:
        """The rights that were needed of whoever has this access key."""
        return {right for who, right in self.rights if who == key_id}

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if signed := _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")):
            self.rights += [(signed["key_id"], right) for right in self._needed(signed["service"], environ)]
        return self._moto(environ, start_response)

    def _needed(self, service: str, environ: dict[str, Any]) -> list[Right]:
        names, method = self._names, environ["REQUEST_METHOD"]
        match service:
            case "sts":
                return []
            case "s3":
                return _s3(names, environ)
            case "apigateway":
                return [Right(f"apigateway:{method}", f"arn:aws:apigateway:{names.region}::{environ['PATH_INFO']}")]
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        given = _body(environ)
        match service:
            case "kms" if "KeyId" in given:
                resource = given["KeyId"]
            case "kms" if "CiphertextBlob" in given:
                # moto's begins with the identifier of the key.
                resource = base64.b64decode(given["CiphertextBlob"])[:36].decode()
            case "ecr" if "repositoryName" in given:
                resource = names.repository_arn(given["repositoryName"])
            case "sagemaker":
                kinds = [names.sagemaker_arn(kind, given[key]) for key, kind in _SAGEMAKER.items() if key in given]
                resource = kinds[0] if kinds else "*"
            case _:
                resource = "*"
        return [Right(f"{service}:{operation}", resource)]


def _s3(names: Names, environ: Mapping[str, Any]) -> list[Right]:
    method, path, query = (environ[name] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"))
    other = [part for part in query.split("&") if part and not _PLAIN.match(part)]
    if other or method == HTTPMethod.POST:
        return [Right(f"s3:{method}?{'&'.join(other)}", path)]
    arn = names.bucket_arn(path.lstrip("/"))
    if "/" not in path.lstrip("/").rstrip("/"):
        return [Right("s3:ListBucket" if method in ("GET", "HEAD") else f"s3:{method}", arn.rstrip("/"))]
    copied = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    source = [Right("s3:GetObject", names.bucket_arn(copied.lstrip("/")))] if copied else []
    return [*source, Right(f"s3:{_OBJECTS[method]}", arn)]


def _body(environ: dict[str, Any]) -> dict[str, Any]:
    """The request's JSON, which moto can read once more."""
    read = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(read)
    try:
        return json.loads(read)
    except ValueError:
        return {}
