"""boto3 clients for the embedded AWS that ignore the user's own AWS configuration."""

import os
import threading
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

ACCOUNT_ID = "123456789012"  # moto's default account

# Account-wide administrator: the deployment's and the embedded services' own calls. moto takes any key.
_ACCESS_KEY, _SECRET_KEY = "local-deployment", "local-deployment"
_CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=60,
    s3={"addressing_style": "path"},
    max_pool_connections=16,
    proxies={},  # none, even if the environment names one: everything is on this machine
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A role's session, as STS gives it."""

    access_key: str
    secret_key: str
    session_token: str


class AwsClients:
    """Clients by service name for one embedded AWS and region, each created once; thread-safe."""

    def __init__(self, url: str, region: str) -> None:
        self.url = url
        self.region = region
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._roles: dict[str, str] = {}
        # The user's profile or configuration file could name an account, a region or an endpoint.
        isolated = {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "ignore_configured_endpoint_urls": (None, None, True, None),
        }
        self._session = boto3.session.Session(botocore_session=botocore.session.Session(session_vars=isolated))

    def client(self, service: str) -> Any:
        """The deployment's client of a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(
                    service, Credentials(access_key=_ACCESS_KEY, secret_key=_SECRET_KEY, session_token="")
                )
            return self._clients[service]

    def role_client(self, service: str, credentials: Credentials) -> Any:
        """A client that calls as a role's session: its calls are recorded."""
        with self._lock:
            return self._make(service, credentials)

    def assume_role(self, role_arn: str, session_name: str) -> Credentials:
        """A session of a role, as a service gets it from STS to run a user's code."""
        session = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
        self._roles[session["AccessKeyId"]] = role_arn
        return Credentials(
            access_key=session["AccessKeyId"],
            secret_key=session["SecretAccessKey"],
            session_token=session["SessionToken"],
        )

    def role_of(self, access_key: str) -> str | None:
        """ARN of the role that a session's key belongs to; None for any other key."""
        return self._roles.get(access_key)

    def _make(self, service: str, credentials: Credentials) -> Any:
        # boto3 types `client` with one overload per service; the name is a variable here.
        make: Any = self._session.client
        return make(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.session_token or None,
            config=_CONFIG,
        )
