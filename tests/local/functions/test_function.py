"""A function runs in Lambda's circumstances: its archive, its role, its limits, its logs."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest

from local.functions.function import MOST_PROCESSES
from local.stack import LocalStack
from tests.local.http_calls import call
from tests.local.loop_thread import LoopThread
from tests.local.patience import wait_until

pytestmark = pytest.mark.whole


def test_a_function_has_its_own_variables_those_of_lambda_and_its_roles_session(
    small_url: str, small_stack: LocalStack
) -> None:
    environment = call("GET", f"{small_url}/open/echo").json()["environment"]
    assert environment["COLOUR"] == "blue"
    assert environment["AWS_REGION"] == "us-east-2"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "echo"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["_HANDLER"] == "functions.echo"
    role = small_stack.deployment.of_type("aws:iam/role:Role")[0]
    assert small_stack.aws.role_of(environment["AWS_ACCESS_KEY_ID"]) == role.outputs["arn"]


def test_a_function_sees_nothing_of_the_environment_that_the_stack_was_started_in(
    small_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_VARIABLE_OF_THE_USER", "1")
    environment = call("GET", f"{small_url}/open/echo").json()["environment"]
    assert not environment.keys() & {"A_VARIABLE_OF_THE_USER", "VIRTUAL_ENV", "USER", "PYTEST_CURRENT_TEST"}


def test_a_function_can_import_its_archive_and_the_runtime_client_only(small_url: str) -> None:
    answer = call("GET", f"{small_url}/open/path").json()
    assert answer["modules"] == ["awslambdaric"], "the archive of this function holds no packages"
    assert not [path for path in answer["path"] if "site-packages" in path]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("slow", "Task timed out after 1.00 seconds"),
        ("greedy", "Runtime.OutOfMemory"),
        ("crashing", "Runtime.ExitError: Runtime exited with status 7"),
        ("raising", "RuntimeError: no rooms today"),
        ("broken", "Runtime.ImportModuleError: Unable to import module 'broken'"),
        ("huge", "Function.ResponseSizeTooLarge"),
    ],
)
def test_a_failed_call_is_reported_with_lambdas_reason(
    small_url: str, small_stack: LocalStack, function: str, error: str
) -> None:
    call("GET", f"{small_url}/open/{function}")
    reported = [one.error for one in small_stack.invocations() if one.function == function]
    assert error in str(reported[-1])


@pytest.mark.parametrize("function", ["crashing", "exiting", "greedy"])
def test_a_process_that_ended_is_replaced_at_the_next_call(
    small_url: str, small_stack: LocalStack, function: str
) -> None:
    assert [call("GET", f"{small_url}/open/{function}").status for _ in range(2)] == [502, 502]
    inits = [one.init_seconds for one in small_stack.invocations() if one.function == function]
    assert None not in inits, "every call found no process and started one"


def test_a_function_that_raised_keeps_its_process(small_url: str, small_stack: LocalStack) -> None:
    call("GET", f"{small_url}/open/raising")
    call("GET", f"{small_url}/open/raising")
    assert [one.init_seconds for one in small_stack.invocations() if one.function == "raising"][-1] is None


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """The folder of calls that are held: each puts a file there, and all go on once there is one with the name `go`."""
    return tmp_path


def test_each_concurrent_call_has_a_process_up_to_the_limit_and_the_rest_wait(small_url: str, held: Path) -> None:
    url = f"{small_url}/open/holding?folder={held}"
    with ThreadPoolExecutor(MOST_PROCESSES + 2) as pool:
        calls = [pool.submit(call, "GET", url) for _ in range(MOST_PROCESSES + 2)]
        wait_until(lambda: len(list(held.iterdir())) == MOST_PROCESSES)
        (held / "go").touch()
        answers = [one.result() for one in calls]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == MOST_PROCESSES


def test_calls_over_a_functions_reserved_concurrency_are_throttled(small_url: str, held: Path) -> None:
    url = f"{small_url}/open/reserved?folder={held}"
    with ThreadPoolExecutor(3) as pool:
        calls = as_completed([pool.submit(call, "GET", url) for _ in range(3)])
        refused = [next(calls).result().status for _ in range(2)]
        (held / "go").touch()
        served = next(calls).result().status
    assert (refused, served) == ([500, 500], 200)


def test_a_functions_output_and_reports_are_in_its_log_group(
    small_url: str, small_stack: LocalStack, loop_thread: LoopThread
) -> None:
    call("GET", f"{small_url}/open/printing")
    loop_thread.run(small_stack.flush_logs())
    events = small_stack.aws.client("logs").filter_log_events(logGroupName="/aws/lambda/printing")["events"]
    lines = [event["message"] for event in events]
    assert "a line of the log" in lines
    assert any(line.startswith("REPORT RequestId:") and "Init Duration:" in line for line in lines)
