"""The container contract against the real process with the shipped weights."""

import base64
import gzip
import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from images.inference import contract
from tests.images.inference.plans import PLAN, are_rooms_of_the_plan, encode
from tests.images.inference.server_process import PATIENCE_SECONDS, ROOT, Answer, ServerProcess
from tests.runtime.pictures import png

pytestmark = pytest.mark.whole

PNG = encode(PLAN, "PNG")
LARGE_PNG = encode(PLAN.resize((2400, 1800)), "PNG")
PLAN_JSON = {"image": base64.b64encode(PNG).decode()}

StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of another threshold, whose home folder, `home` in its own, is empty."""
    folder = tmp_path_factory.mktemp("other-server")
    home = folder / "home"
    home.mkdir()
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(home))
    process = ServerProcess(folder, **homes, CI="", CONFIDENCE_THRESHOLD="0.99")
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.kill()


def assert_is_the_plans_answer(answer: Answer) -> None:
    assert answer.status == 200, answer.body
    assert answer.document["image"] == {"width": 800, "height": 600}
    assert are_rooms_of_the_plan([room["bounding_box"] for room in answer.document["rooms"]])


def assert_is_error(answer: Answer, status: int, code: str) -> str:
    """Checks the one error shape and returns its message."""
    assert (answer.status, answer.document["error"]["code"]) == (status, code)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.document) == {"error", "request_id"}
    assert set(answer.document["error"]) == {"code", "message"}
    assert answer.document["request_id"]
    assert "Traceback" not in answer.body.decode()
    return answer.document["error"]["message"]


def raw_request(body: bytes, *headers: str) -> bytes:
    lines = ["POST /invocations HTTP/1.1", "Host: localhost", "Content-Type: image/png", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def open_socket(server: ServerProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)


def read_answer(connection: socket.socket) -> Answer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, response.headers, response.read())


# --- answers


def test_ping_is_an_empty_200_once_the_model_is_loaded(server: ServerProcess) -> None:
    answer = server.request("GET", "/ping")
    assert (answer.status, answer.body) == (200, b"")


def test_batch_transform_is_told_to_send_one_plan_per_request_and_how_many_at_once(
    server: ServerProcess,
) -> None:
    answer = server.request("GET", "/execution-parameters")
    assert answer.status == 200
    asked = answer.document
    assert set(asked) == {"MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB"}
    assert asked["BatchStrategy"] == "SINGLE_RECORD"
    assert asked["MaxPayloadInMB"] * 1024 * 1024 == contract.MAX_BODY_BYTES
    assert 1 < asked["MaxConcurrentTransforms"] <= 100 / asked["MaxPayloadInMB"]


def test_json_with_base64_is_answered_with_the_rooms(server: ServerProcess) -> None:
    answer = server.invoke_json(PLAN_JSON)
    assert_is_the_plans_answer(answer)
    rooms = answer.document["rooms"]
    assert [room["id"] for room in rooms] == ["room_1", "room_2", "room_3"]
    for room in rooms:
        assert set(room) == {"id", "bounding_box", "confidence"}
        x_min, y_min, x_max, y_max = room["bounding_box"]
        assert all(isinstance(coordinate, int) for coordinate in room["bounding_box"])
        assert 0 <= x_min < x_max <= 1000
        assert 0 <= y_min < y_max <= 1000
        assert room["confidence"] == round(room["confidence"], 4)


@pytest.mark.parametrize(
    ("content_type", "file_format"),
    [
        ("image/png", "PNG"),
        ("image/jpeg", "JPEG"),
        ("image/tiff", "TIFF"),
        ("image/webp", "WEBP"),
        ("image/bmp", "BMP"),
        ("image/gif", "GIF"),
        ("application/x-image", "PNG"),
        ("IMAGE/PNG; charset=binary", "PNG"),
        ("image/png", "JPEG"),  # the bytes decide, not the header
    ],
)
def test_a_raw_image_is_answered_with_the_rooms(server: ServerProcess, content_type: str, file_format: str) -> None:
    assert_is_the_plans_answer(server.invoke(encode(PLAN, file_format), content_type))


def test_a_chunked_body_is_answered_like_any_other(server: ServerProcess) -> None:
    assert_is_the_plans_answer(
        server.request("POST", "/invocations", iter([PNG[:100], PNG[100:]]), {"Content-Type": "image/png"})
    )


def test_boxes_and_size_are_those_of_the_upright_image(server: ServerProcess) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = PLAN.transpose(Image.Transpose.ROTATE_90)
    assert_is_the_plans_answer(server.invoke(encode(turned, "JPEG", exif=exif.tobytes()), "image/jpeg"))


def test_an_empty_sheet_has_an_empty_list_of_rooms(server: ServerProcess) -> None:
    answer = server.invoke(encode(Image.new("L", (300, 200), 255), "PNG"), "image/png")
    assert answer.document == {"rooms": [], "image": {"width": 300, "height": 200}}


def test_one_connection_serves_many_requests(server: ServerProcess) -> None:
    connection = server.connect()
    for _ in range(3):
        connection.request("POST", "/invocations", PNG, {"Content-Type": "image/png"})
        assert len(json.loads(connection.getresponse().read())["rooms"]) == 3
    connection.close()


def test_eight_requests_at_once_are_all_answered_alike_and_ping_answers_meanwhile(server: ServerProcess) -> None:
    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(server.invoke, LARGE_PNG, "image/png") for _ in range(8)]
        assert server.request("GET", "/ping").status == 200
        assert not all(answer.done() for answer in answers)
        bodies = {answer.result().body for answer in answers}
        assert {answer.result().status for answer in answers} == {200}
    assert len(bodies) == 1


# --- bad input


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, 'the field "image" is missing'),
        ([], 'the field "image" is missing'),
        ("image", 'the field "image" is missing'),
        (None, 'the field "image" is missing'),
        ({"image": None}, "must be a non-empty string"),
        ({"image": 7}, "must be a non-empty string"),
        ({"image": [PLAN_JSON["image"]]}, "must be a non-empty string"),
        ({"image": ""}, "must be a non-empty string"),
        ({"image": "not base64!"}, "is not base64"),
        ({"image": "AAAAA"}, "is not base64"),
        ({"image": "grüße"}, "is not base64"),
    ],
)
def test_a_wrong_field_is_an_invalid_request(server: ServerProcess, document: object, problem: str) -> None:
    assert problem in assert_is_error(server.invoke_json(document), 400, "invalid_request")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, PNG], ids=["cut", "not UTF-8", "nested", "PNG"])
def test_a_body_that_is_not_json_is_an_invalid_request(server: ServerProcess, body: bytes) -> None:
    assert "not JSON" in assert_is_error(server.invoke(body, "application/json"), 400, "invalid_request")


@pytest.mark.parametrize("content_type", ["application/json", "image/png"])
def test_an_empty_body_is_an_invalid_request(server: ServerProcess, content_type: str) -> None:
    assert "empty" in assert_is_error(server.invoke(b"", content_type), 400, "invalid_request")


@pytest.mark.parametrize("body", [b"<svg/>", b"<html></html>", PNG[:2000]], ids=["SVG", "HTML", "truncated"])
def test_an_incomplete_image_is_an_invalid_image(server: ServerProcess, body: bytes) -> None:
    assert_is_error(server.invoke(body, "image/png"), 400, "invalid_image")
    assert_is_error(server.invoke_json({"image": base64.b64encode(body).decode()}), 400, "invalid_image")


def test_a_decompression_bomb_is_too_large(server: ServerProcess) -> None:
    big_paper = png(20_000, 20_000, bits=1, row=b"\xff" * 2500)
    assert len(big_paper) < 100_000
    assert "12000 px a side" in assert_is_error(server.invoke(big_paper, "image/png"), 400, "image_too_large")


def test_a_side_of_12001_px_is_too_large_and_the_message_says_the_size(server: ServerProcess) -> None:
    answer = server.invoke(encode(Image.new("1", (12_001, 20)), "PNG"), "image/png")
    assert "12001 x 20 px" in assert_is_error(answer, 400, "image_too_large")


def chunks(body: bytes) -> Iterator[bytes]:
    return iter([body[start : start + 65_536] for start in range(0, len(body), 65_536)])


@pytest.mark.parametrize("framing", [bytes, chunks], ids=["Content-Length", "chunked"])
def test_six_mib_are_accepted_and_one_byte_more_is_refused(
    server: ServerProcess, framing: Callable[[bytes], bytes | Iterator[bytes]]
) -> None:
    largest = bytes(6 * 1024 * 1024)
    headers = {"Content-Type": "image/png"}
    taken = server.request("POST", "/invocations", framing(largest), headers)
    assert_is_error(taken, 400, "invalid_image")
    refused = server.request("POST", "/invocations", framing(largest + b"\0"), headers)
    assert "6291456 bytes" in assert_is_error(refused, 413, "payload_too_large")


def test_25_mb_are_refused_and_the_client_can_read_why(server: ServerProcess) -> None:
    assert_is_error(server.invoke(bytes(25_000_000), "image/png"), 413, "payload_too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "image/svg+xml", "multipart/form-data", "application/zip"])
def test_other_media_types_are_refused_with_the_accepted_ones(server: ServerProcess, content_type: str) -> None:
    message = assert_is_error(server.invoke(PNG, content_type), 415, "unsupported_media_type")
    assert content_type in message
    assert "application/json" in message
    assert "image/png" in message


def test_a_missing_media_type_is_refused(server: ServerProcess) -> None:
    assert_is_error(server.request("POST", "/invocations", PNG), 415, "unsupported_media_type")


def test_an_unknown_path_is_not_found(server: ServerProcess) -> None:
    message = assert_is_error(server.request("GET", "/models"), 404, "not_found")
    assert "/models" in message
    assert "/invocations" in message


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("GET", "/invocations", "POST"), ("POST", "/ping", "GET, HEAD")]
)
def test_a_wrong_method_is_told_the_right_one(server: ServerProcess, method: str, path: str, allowed: str) -> None:
    answer = server.request(method, path)
    assert allowed in assert_is_error(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_answered_like_any_other(
    server: ServerProcess, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    headers = {"Content-Type": "image/png", "Content-Encoding": encoding}
    assert_is_the_plans_answer(server.request("POST", "/invocations", pack(PNG), headers))
    cut_off = server.request("POST", "/invocations", pack(PNG)[:-20], headers)
    assert "cut short" in assert_is_error(cut_off, 400, "invalid_request")


def test_a_small_body_that_unpacks_to_more_than_6_mib_is_refused(server: ServerProcess) -> None:
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip"}
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    assert_is_error(server.request("POST", "/invocations", bomb, headers), 413, "payload_too_large")


def test_an_unknown_content_encoding_is_refused_with_the_accepted_ones(server: ServerProcess) -> None:
    headers = {"Content-Type": "image/png", "Content-Encoding": "br"}
    message = assert_is_error(server.request("POST", "/invocations", PNG, headers), 415, "unsupported_media_type")
    assert "br is not supported" in message
    assert "gzip" in message


def test_a_compressed_body_that_cannot_be_unpacked_is_an_invalid_request(server: ServerProcess) -> None:
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip"}
    assert_is_error(server.request("POST", "/invocations", b"not gzip", headers), 400, "invalid_request")


def test_half_a_request_and_a_closed_connection_cost_one_log_line_and_nothing_else(server: ServerProcess) -> None:
    inference_id = "half-a-request"
    with open_socket(server) as connection:
        connection.sendall(
            raw_request(PNG[:500], f"Content-Length: {len(PNG)}", f"X-Amzn-SageMaker-Inference-Id: {inference_id}")
        )
    assert server.wait_for_log("request", request_id=inference_id)["status"] is None
    assert_is_the_plans_answer(server.invoke(PNG, "image/png"))


@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01 nonsense\r\n\r\n", raw_request(b"5\r\nabcde\r\nnonsense\r\n", "Transfer-Encoding: chunked")],
    ids=["no request line", "broken chunks"],
)
def test_bytes_that_are_not_http_do_not_harm_the_server(server: ServerProcess, data: bytes) -> None:
    with open_socket(server) as connection:
        connection.sendall(data)
        assert read_answer(connection).status == 400
    assert_is_the_plans_answer(server.invoke(PNG, "image/png"))


# --- request ids and logs


def test_bytes_that_are_not_http_are_one_line_without_them_and_no_error(other_server: ServerProcess) -> None:
    with open_socket(other_server) as connection:
        connection.sendall(raw_request(b"a secret of the client's", "Connection: close", "Content-Length: 2"))
        assert read_answer(connection).status == 400
    line = other_server.wait_for_log("request", status=400)
    assert (line["level"], line["code"]) == ("INFO", "invalid_request")
    assert line["cause"]
    assert "secret" not in json.dumps(other_server.log_lines())


def test_sagemakers_inference_id_is_the_request_id(server: ServerProcess) -> None:
    answer = server.request("POST", "/invocations", b"", {"X-Amzn-SageMaker-Inference-Id": "abc-1"})
    assert answer.document["request_id"] == "abc-1"


def test_without_an_inference_id_each_request_gets_its_own(server: ServerProcess) -> None:
    first, second = server.request("GET", "/nowhere"), server.request("GET", "/nowhere")
    assert first.document["request_id"] != second.document["request_id"]


def test_a_request_is_one_json_line_that_says_where_its_time_went(server: ServerProcess) -> None:
    inference_id = "logged-request"
    headers = {"Content-Type": "image/png", "X-Amzn-SageMaker-Inference-Id": inference_id}
    server.request("POST", "/invocations", PNG, headers)
    line = server.wait_for_log("request", request_id=inference_id)
    expected = {"method": "POST", "path": "/invocations", "status": 200, "level": "INFO", "rooms": 3, "bytes": len(PNG)}
    assert expected.items() <= line.items()
    assert (line["image_width"], line["image_height"]) == PLAN.size
    for step in ("read", "open", "decode", "letterbox", "forward", "select", "total"):
        assert 0 <= line[f"{step}_ms"] <= line["total_ms"]
    assert [logged.get("request_id") for logged in server.log_lines()].count(inference_id) == 1


def test_a_refused_request_is_logged_with_its_code_and_cause_but_not_as_an_error(server: ServerProcess) -> None:
    inference_id = "refused-request"
    headers = {"Content-Type": "image/png", "X-Amzn-SageMaker-Inference-Id": inference_id}
    server.request("POST", "/invocations", PNG[:2000], headers)
    line = server.wait_for_log("request", request_id=inference_id)
    assert (line["level"], line["status"], line["code"]) == ("INFO", 400, "invalid_image")
    assert "truncated" in line["cause"]


def test_image_bytes_never_reach_the_log(server: ServerProcess) -> None:
    server.invoke_json({"image": PLAN_JSON["image"], "note": "a field of the client's"})
    server.invoke_json({"image": "!" + PLAN_JSON["image"]})
    log = json.dumps(server.log_lines())
    assert PLAN_JSON["image"][:60] not in log
    assert "a field of the client's" not in log


def test_each_of_two_hundred_connections_gets_its_rooms_or_is_told_to_try_again(server: ServerProcess) -> None:
    with ThreadPoolExecutor(200) as clients:
        answers = list(clients.map(lambda _: server.invoke(PNG, "image/png"), range(200)))
    refused = [answer for answer in answers if answer.status == 503]
    assert len(refused) < 200
    for answer in answers:
        if answer in refused:  # on a machine that is too slow for so many
            assert_is_error(answer, 503, "unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        else:
            assert_is_the_plans_answer(answer)


# --- start and end


def test_the_endpoint_is_not_ready_before_the_model_is_and_ready_from_then_on(start_server: StartServer) -> None:
    server = start_server()
    statuses = []
    while not statuses or statuses[-1] != 200:
        statuses.append(server.request("GET", "/ping").status)
        assert set(statuses) <= {200, 503}
    server.wait_until_ready()
    assert_is_the_plans_answer(server.invoke(PNG, "image/png"))


def test_the_settings_reach_the_detector(other_server: ServerProcess) -> None:
    assert other_server.invoke(PNG, "image/png").document["rooms"] == []


def test_nothing_is_written_to_the_home_folder_or_reported(other_server: ServerProcess) -> None:
    other_server.invoke(PNG, "image/png")
    assert list(other_server.folder.joinpath("home").rglob("*")) == []


@pytest.mark.parametrize("content", [None, b"not a model"], ids=["missing", "not ONNX"])
def test_bad_weights_end_the_process_with_one_line_that_names_them(
    start_server: StartServer, tmp_path: Path, content: bytes | None
) -> None:
    weights = tmp_path / "best.onnx"
    if content is not None:
        weights.write_bytes(content)
    server = start_server(MODEL_PATH=str(weights))
    assert server.exit_code() == 1
    assert server.errors.startswith(f"cannot load the model {weights}: ")
    assert len(server.errors.splitlines()) == 1


def test_a_taken_port_ends_the_process_with_one_line_that_names_it(
    server: ServerProcess, start_server: StartServer
) -> None:
    second = start_server(SAGEMAKER_BIND_TO_PORT=str(server.port))
    assert second.exit_code() == 1
    assert second.errors == (
        f"port {server.port} of 0.0.0.0 cannot be used (Address already in use): "
        "choose another one with SAGEMAKER_BIND_TO_PORT, or with PORT=<port> of make\n"
    )


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_with_exit_code_0_though_a_connection_is_open(
    start_server: StartServer, signal_number: signal.Signals
) -> None:
    server = start_server()
    server.wait_until_ready()
    with open_socket(server) as idle:
        idle.sendall(b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert read_answer(idle).status == 200
        server.process.send_signal(signal_number)
        assert server.exit_code() == 0
    assert server.errors == ""


def test_a_server_that_is_still_loading_ends_with_exit_code_0(start_server: StartServer) -> None:
    server = start_server()
    server.wait_for_log("listening")
    server.terminate()
    assert server.exit_code() == 0


def test_sigterm_under_load_loses_no_accepted_request(start_server: StartServer) -> None:
    server = start_server()
    server.wait_until_ready()
    connections = [open_socket(server) for _ in range(12)]
    for connection in connections:
        connection.sendall(raw_request(PNG, f"Content-Length: {len(PNG)}"))
    server.terminate()
    for connection in connections:
        assert_is_the_plans_answer(read_answer(connection))
        connection.close()
    assert server.exit_code() == 0


def test_after_sigterm_no_new_connection_is_accepted_and_an_upload_that_began_before_is_finished_and_answered(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.wait_until_ready()
    with open_socket(server) as unfinished:
        unfinished.sendall(raw_request(PNG[:500], f"Content-Length: {len(PNG)}"))
        server.terminate()
        server.wait_for_log("stopping")
        with pytest.raises(ConnectionRefusedError):
            open_socket(server)
        unfinished.sendall(PNG[500:])
        answer = read_answer(unfinished)
    assert_is_the_plans_answer(answer)
    assert answer.headers["Connection"] == "close"
    assert server.exit_code() == 0


def test_the_image_holds_all_the_code_that_it_needs(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    shutil.copy(ROOT / "images" / "__init__.py", tmp_path / "images")
    shutil.copytree(ROOT / "images" / "inference", tmp_path / "images" / "inference")
    shutil.copytree(ROOT / "pictures", tmp_path / "pictures")
    command = [sys.executable, "-m", "images.inference", "--help"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
