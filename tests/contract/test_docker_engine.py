"""What only the real engine, its absence or its age can show."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from localenv.adapters.docker_engine import DockerEngine
from localenv.errors import LocalenvError, Unavailable
from tests.contract.engine_bench import DockerBench, TestClock, Wanted


@pytest.fixture(params=["socket", "SDK"])
def real(request: pytest.FixtureRequest) -> Iterator[DockerBench]:
    bench = DockerBench(sdk=request.param == "SDK")
    try:
        yield bench
    finally:
        bench.close()


def engine_at(host: str) -> DockerEngine:
    return DockerEngine(owner="nobody", clock=TestClock(), environment={"DOCKER_HOST": host})


@contextmanager
def answering(directory: Path, status: int, answers: dict[str, Any]) -> Iterator[str]:
    """An engine that says what it is told to, over a socket."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            last = self.path.rpartition("/")[2]
            content = json.dumps(answers[last]).encode()
            self.send_response(200 if last == "version" else status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

        def address_string(self) -> str:
            return "socket"

    address = str(directory / "engine.sock")
    with socketserver.ThreadingUnixStreamServer(address, Answer) as server:
        server.daemon_threads = True
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        worker.start()
        try:
            yield f"unix://{address}"
        finally:
            server.shutdown()
            worker.join()


@pytest.mark.parametrize("host", ["unix:///no/such/engine.sock", "tcp://127.0.0.1:1"])
def test_an_engine_that_is_not_there_is_told_with_a_cure(host: str) -> None:
    with closing(engine_at(host)) as engine, pytest.raises(Unavailable) as caught:
        engine.observe()
    assert caught.value.code_of_case == "engine-unreachable"
    assert host in caught.value.message
    assert caught.value.hints


def test_an_engine_that_is_too_old_is_told_by_its_version(tmp_path: Path) -> None:
    old = {"version": {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}}
    with answering(tmp_path, 200, old) as host, closing(engine_at(host)) as engine, pytest.raises(LocalenvError) as caught:
        engine.observe()
    assert caught.value.code_of_case == "engine-too-old"
    assert "20.10.24" in caught.value.message


def test_an_engine_of_tomorrow_is_asked_for_an_interface_that_it_still_has(tmp_path: Path) -> None:
    new = {"version": {"Version": "99.0", "ApiVersion": "1.99", "MinAPIVersion": "1.90"}, "info": {"message": "refused"}}
    with answering(tmp_path, 500, new) as host, closing(engine_at(host)) as engine:
        assert engine._api._versioned("/x") == "/v1.90/x"
        with pytest.raises(LocalenvError, match="refused"):
            engine.info()


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    full = {
        "version": {"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24"},
        "info": {"message": "mkdir /var/lib/docker/x: no space left on device"},
    }
    with answering(tmp_path, 500, full) as host, closing(engine_at(host)) as engine, pytest.raises(Unavailable) as caught:
        engine.info()
    assert caught.value.code_of_case == "disk-full"


@pytest.mark.engine
def test_a_log_is_followed_while_it_is_written(real: DockerBench) -> None:
    words = ("sh", "-c", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done")
    lines = real.engine.logs(real.running(Wanted(command=words)), follow=True)
    assert [next(lines)[1] for _ in range(3)] == [b"line 1", b"line 2", b"line 3"]
    lines.close()  # type: ignore[attr-defined]


@pytest.mark.engine
def test_no_output_is_lost_when_it_comes_with_the_answers_headers(real: DockerBench) -> None:
    # The reader that took in the headers may have taken in the first frames with them; the bare socket has them no more.
    container = real.running()
    with ThreadPoolExecutor(8) as workers:
        results = list(workers.map(lambda number: real.engine.execute(container, ["echo", str(number)]), range(120)))
    assert [result.stdout for result in results] == [f"{number}\n".encode() for number in range(120)]
    assert {result.exit_code for result in results} == {0}


@pytest.mark.engine
def test_a_result_holds_the_last_sixteen_megabytes(real: DockerBench) -> None:
    words = ["sh", "-c", "head -c 20000000 /dev/zero; printf end"]
    result = real.engine.execute(real.running(), words)
    assert len(result.stdout) == 16 << 20
    assert result.stdout.endswith(b"\0end")


@pytest.mark.engine
def test_threads_that_ended_leave_no_connection_open(real: DockerBench) -> None:
    def look() -> None:
        real.engine.networks_in_use()

    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    look()
    before = descriptors()
    for _ in range(20):
        worker = threading.Thread(target=look)
        worker.start()
        worker.join()
    assert descriptors() <= before + 2


@pytest.mark.engine
def test_an_engine_of_this_machine_is_native(real: DockerBench) -> None:
    assert real.engine.info().native_linux


@pytest.mark.engine
def test_what_a_killed_copy_left_is_found_with_its_environment(real: DockerBench) -> None:
    volume = real.volume()
    body = {"Image": "debian:bookworm-slim", "Cmd": ["true"], "Labels": dict(real.labels), "HostConfig": {}}
    body["HostConfig"] = {"Binds": [f"{volume}:/x"]}
    real.engine._create_tool(real.name("copy"), body, "debian:bookworm-slim")
    (left,) = real.engine.observe("contract", real.environment).containers
    assert (left.name, left.service) == (real.name("copy"), "")
    real.engine.remove(left.id)
    real.engine.remove_volume(volume)
