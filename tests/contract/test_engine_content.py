"""What ``ports.engine`` promises about what goes into containers and comes out: files, commands, logs, tools."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterator

import pytest

from localenv.core import labels as label
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import ToolSpec, VolumeSpec
from tests.contract.engine_bench import IMAGE, Bench, Wanted, eventually
from tests.fakes.memory_objects import Behaviour

FIVE_MEGABYTES = bytes(range(256)) * (5 * 4096)


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def content_of(pieces: Iterator[bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        return {member.name: found.read() for member in archive.getmembers() if (found := archive.extractfile(member))}


@pytest.mark.parametrize("started", [True, False])
def test_files_go_in_and_come_out_again(bench: Bench, started: bool) -> None:
    container = bench.container(Wanted())
    if started:
        bench.engine.start(container)
    bench.engine.put_files(container, "/tmp", packed(first=b"1" * 100_000, second=b""))
    assert content_of(bench.engine.get_files(container, "/tmp/first")) == {"first": b"1" * 100_000}
    assert content_of(bench.engine.get_files(container, "/tmp")) == {"tmp/first": b"1" * 100_000, "tmp/second": b""}


def test_files_under_a_mounted_volume_go_into_the_volume(bench: Bench) -> None:
    volume = bench.volume()
    first = bench.container(Wanted(service="first", mounts={"/data": volume}))
    bench.engine.put_files(first, "/data", packed(row=b"kept"))
    second = bench.container(Wanted(service="second", mounts={"/other": volume}))
    assert content_of(bench.engine.get_files(second, "/other/row")) == {"row": b"kept"}


def test_a_command_takes_five_megabytes_and_gives_them_back(bench: Bench) -> None:
    container = bench.running()
    result = bench.engine.execute(container, ["cat"], stdin=io.BytesIO(FIVE_MEGABYTES))
    assert result.exit_code == 0
    assert result.stdout == FIVE_MEGABYTES
    assert result.stderr == b""


def test_output_can_be_taken_in_pieces_instead(bench: Bench) -> None:
    pieces: list[tuple[str, bytes]] = []
    result = bench.engine.execute(
        bench.running(),
        ["cat"],
        stdin=io.BytesIO(FIVE_MEGABYTES),
        on_output=lambda channel, piece: pieces.append((channel, piece)),
    )
    assert (result.exit_code, result.stdout) == (0, b"")
    assert b"".join(piece for _, piece in pieces) == FIVE_MEGABYTES
    assert {channel for channel, _ in pieces} == {"stdout"}


def test_a_command_that_reads_nothing_ends_though_there_is_input(bench: Bench) -> None:
    assert bench.engine.execute(bench.running(), ["true"], stdin=io.BytesIO(FIVE_MEGABYTES)).exit_code == 0


def test_an_input_that_breaks_is_told_as_what_it_was(bench: Bench) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        bench.engine.execute(bench.running(), ["cat"], stdin=Broken())


def test_a_commands_exit_code_is_told(bench: Bench) -> None:
    container = bench.running()
    assert bench.engine.execute(container, ["false"]).exit_code == 1
    assert bench.engine.execute(container, ["true"]).exit_code == 0


def test_a_commands_errors_are_kept_apart(bench: Bench) -> None:
    result = bench.engine.execute(bench.running(), ["cat", "/no/such/file"])
    assert (result.exit_code, result.stdout) == (1, b"")
    assert b"No such file" in result.stderr


def test_a_command_that_is_not_there_ends_as_a_shell_would_say(bench: Bench) -> None:
    result = bench.engine.execute(bench.running(), ["no-such-program"])
    assert result.exit_code in {126, 127}
    assert b"no-such-program" in result.stdout + result.stderr


def test_a_command_sees_the_variables_that_it_is_given(bench: Bench) -> None:
    result = bench.engine.execute(bench.running(), ["printenv", "WORD"], environment={"WORD": "a b=c"})
    assert result.stdout == b"a b=c\n"


def test_arguments_are_never_read_by_a_shell(bench: Bench) -> None:
    result = bench.engine.execute(bench.running(), ["echo", "$(id)", "`id`", "; id", "--", "-n"])
    assert result.stdout == b"$(id) `id` ; id -- -n\n"


def test_a_command_that_takes_too_long_is_given_up(bench: Bench) -> None:
    container = bench.running()
    began = time.monotonic()
    with pytest.raises(LocalenvError) as caught:
        bench.engine.execute(container, ["sleep", "60"], timeout=0.3)
    assert caught.value.code_of_case == "timeout"
    assert time.monotonic() - began < 10


def test_a_command_needs_a_running_container(bench: Bench) -> None:
    with pytest.raises(LocalenvError) as caught:
        bench.engine.execute(bench.container(Wanted()), ["true"])
    assert caught.value.code_of_case == "not-running"


SPEAKING = Wanted(
    command=("sh", "-c", "echo one; echo two >&2; printf 'three\\n\\nfour'"),
    behaviour=Behaviour(
        exit_code=0,
        output=(("stdout", b"one"), ("stderr", b"two"), ("stdout", b"three"), ("stdout", b""), ("stdout", b"four")),
    ),
)


def spoken(bench: Bench) -> str:
    container = bench.running(SPEAKING)
    eventually(lambda: bench.engine.observe("contract", bench.environment).containers[0].state == "exited", "it has spoken")
    return container


def test_a_log_is_told_in_lines_of_each_channel(bench: Bench) -> None:
    lines = list(bench.engine.logs(spoken(bench)))
    assert [line for channel, line in lines if channel == "stdout"] == [b"one", b"three", b"", b"four"]
    assert [line for channel, line in lines if channel == "stderr"] == [b"two"]


def test_following_the_log_of_what_ended_ends(bench: Bench) -> None:
    assert len(list(bench.engine.logs(spoken(bench), follow=True))) == 5


def test_a_log_can_be_cut_to_its_last_lines_and_to_a_time(bench: Bench) -> None:
    container = spoken(bench)
    assert [line for _, line in bench.engine.logs(container, tail=1)] == [b"four"]
    assert list(bench.engine.logs(container, tail=0)) == []
    assert len(list(bench.engine.logs(container, since="10m"))) == 5
    assert list(bench.engine.logs(container, since="2100-01-01")) == []
    assert list(bench.engine.logs(container, until="2020-01-01T00:00:00Z")) == []


def test_log_lines_carry_their_time_when_asked(bench: Bench) -> None:
    stamped = [line for _, line in bench.engine.logs(spoken(bench), timestamps=True)]
    assert all(line[:2] == b"20" and line.partition(b" ")[0].endswith(b"Z") for line in stamped)


def test_a_terminals_log_is_told_in_lines_too(bench: Bench) -> None:
    wanted = Wanted(
        command=("printf", "one\\ntwo\\n"),
        terminal=True,
        behaviour=Behaviour(exit_code=0, output=(("stdout", b"one"), ("stdout", b"two"))),
    )
    container = bench.running(wanted)
    eventually(lambda: len(list(bench.engine.logs(container))) == 2, "both lines are there")
    assert list(bench.engine.logs(container)) == [("stdout", b"one"), ("stdout", b"two")]


def tool(bench: Bench, **more: object) -> ToolSpec:
    fields: dict[str, object] = {"name": bench.name("tool"), "image": IMAGE, "labels": bench.labels, **more}
    return ToolSpec(**fields)  # type: ignore[arg-type]


def behave(bench: Bench, behaviour: Behaviour) -> None:
    if hasattr(bench.engine, "behave"):
        bench.engine.behave(bench.name("tool"), behaviour)


def test_a_tool_runs_gives_its_result_and_leaves_nothing(bench: Bench) -> None:
    behave(bench, Behaviour(exit_code=3, output=(("stdout", b"from the archive"), ("stderr", b"oh"))))
    command = ("sh", "-c", "cat /tmp/word; echo oh >&2; exit 3")
    result = bench.engine.run_tool(tool(bench, command=command), archive=("/tmp", packed(word=b"from the archive\n")))
    assert result is not None
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"from the archive\n", b"oh\n")
    assert not bench.exists(bench.name("tool"))


def test_a_tool_that_stays_is_told_by_name(bench: Bench) -> None:
    network = bench.network()
    address = bench.address(network, 30)
    spec = tool(bench, command=("sleep", "600"), network=network, address=address, restart="always")
    assert bench.engine.run_tool(spec, wait=False) is None
    found = bench.engine.tool(bench.name("tool"))
    assert found is not None
    assert (found["state"], found["image"], found[label.ROLE]) == ("running", IMAGE, "tool")
    assert bench.engine.endpoint(found["id"], network)["address"] == address
    bench.engine.remove_tool(bench.name("tool"))
    assert bench.engine.tool(bench.name("tool")) is None


def test_a_tool_takes_the_place_of_the_one_before(bench: Bench) -> None:
    spec = tool(bench, command=("sleep", "600"))
    bench.engine.run_tool(spec, wait=False)
    first = bench.engine.tool(spec.name)
    bench.engine.run_tool(spec, wait=False)
    second = bench.engine.tool(spec.name)
    assert first is not None
    assert second is not None
    assert first["id"] != second["id"]


def test_a_tool_never_takes_the_place_of_a_foreign_container(bench: Bench) -> None:
    foreign = bench.container(Wanted(service="tool", foreign=True))
    with pytest.raises(LocalenvError) as caught:
        bench.engine.run_tool(tool(bench, command=("true",)), wait=False)
    assert caught.value.code_of_case == "foreign-object"
    assert bench.exists(foreign)


def test_a_tool_whose_image_is_not_there_says_so(bench: Bench) -> None:
    with pytest.raises(Unavailable) as caught:
        bench.engine.run_tool(tool(bench, image="localenv-no-such-image:1"))
    assert caught.value.code_of_case == "image-missing"


def test_a_tool_that_cannot_start_leaves_nothing(bench: Bench) -> None:
    behave(bench, Behaviour(refuses=LocalenvError("cannot start", code="engine-refused")))
    with pytest.raises(LocalenvError):
        bench.engine.run_tool(tool(bench, command=("/no/such/program",)))
    assert not bench.exists(bench.name("tool"))


def test_an_archive_is_copied_into_a_volume(bench: Bench) -> None:
    volume = bench.volume()
    bench.engine.copy_into_volume(volume, iter([packed(row=b"seed" * 1000)]), image=IMAGE)
    reader = bench.container(Wanted(mounts={"/data": volume}))
    assert content_of(bench.engine.get_files(reader, "/data/row")) == {"row": b"seed" * 1000}
    assert [seen.id for seen in bench.engine.observe("contract", bench.environment).containers] == [reader]


def test_a_volume_is_read_whoever_made_it(bench: Bench) -> None:
    volume = bench.name("data")
    bench.stranger.create_volume(VolumeSpec(name=volume, labels=bench.labels))
    bench.stranger.copy_into_volume(volume, iter([packed(row=b"theirs")]), image=IMAGE)
    found = content_of(bench.engine.read_volume(volume, image=IMAGE))
    assert {name.removeprefix("./"): content for name, content in found.items()} == {"row": b"theirs"}
    assert bench.engine.observe("contract", bench.environment).containers == ()


def test_what_is_read_of_a_volume_can_be_copied_into_another(bench: Bench) -> None:
    first, second = bench.volume("first"), bench.volume("second")
    bench.engine.copy_into_volume(first, iter([packed(row=b"copied")]), image=IMAGE)
    bench.engine.copy_into_volume(second, bench.engine.read_volume(first, image=IMAGE), image=IMAGE)
    reader = bench.container(Wanted(mounts={"/data": second}))
    assert content_of(bench.engine.get_files(reader, "/data/row")) == {"row": b"copied"}


def test_nothing_is_copied_into_a_foreign_volume(bench: Bench) -> None:
    bench.stranger.create_volume(VolumeSpec(name=bench.name("data"), labels=bench.labels))
    with pytest.raises(LocalenvError) as caught:
        bench.engine.copy_into_volume(bench.name("data"), iter([packed(row=b"")]), image=IMAGE)
    assert caught.value.code_of_case == "foreign-object"
