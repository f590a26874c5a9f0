"""Pulumi's own engine, with an AWS provider of the tests' own and state in a temporary folder.

The tests need `pulumi` on PATH and are skipped where there is none. Provider and language host run in this process.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import language_pb2_grpc, provider_pb2_grpc

from components.naming import Names
from tests.engine.cli import Engine, Pulumi
from tests.engine.language_host import LanguageHost
from tests.engine.moto_account import REGION, MotoAccount
from tests.engine.provider import ACCOUNT_ID, AwsProvider
from tests.engine.recorded_account import RecordedAccount

_LARGEST_MESSAGE = [("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.engine)
            if shutil.which("pulumi") is None:
                item.add_marker(pytest.mark.skip(reason="pulumi is not on PATH"))


def _served(folder: Path, moto: MotoAccount | None = None) -> Iterator[Engine]:
    aws = AwsProvider(moto=moto)
    # The program waits for the provider, and both for the engine: each call has a thread.
    threads = ThreadPoolExecutor(max_workers=64)
    server = grpc.server(threads, options=_LARGEST_MESSAGE)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(aws, server)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Engine(pulumi=Pulumi.over(folder, port=port), aws=aws)
    aws.release.set()
    # The program ends a moment after the CLI, and closes its event loop then.
    server.stop(grace=30).wait()
    threads.shutdown(wait=False, cancel_futures=True)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An account with nothing in it, and a stage file of each of the project's stages."""
    yield from _served(tmp_path)


@pytest.fixture(scope="module")
def lasting_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """As `engine`, for all tests of a file."""
    yield from _served(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def account() -> Iterator[RecordedAccount]:
    """An account with nothing in it, for all tests of a file."""
    account = RecordedAccount(Names(stage="dev", account_id=ACCOUNT_ID, region=REGION))
    yield account
    account.close()


@pytest.fixture(scope="module")
def account_engine(account: RecordedAccount, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """As `lasting_engine`, with what the operations look at in the account."""
    yield from _served(tmp_path_factory.mktemp("engine"), MotoAccount(account.address))
