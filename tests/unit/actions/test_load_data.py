from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, BinaryIO, cast

import pytest

from localenv.actions.generate_rows import Report, Target
from localenv.actions.load_data import DataFile, DataLoadFailed, LoadData, LoadRequest
from localenv.core import labels
from localenv.core.data.engines import DataEngine
from localenv.core.generate.request import Generation
from localenv.ports.progress import Message
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_objects import ExecCall, ends
from tests.unit.starting.stage import Recorder

SQL = b"create table t (n int);\ninsert into t values (1);\ninsert into nowhere values (2);\n"


class Files:
    """Fixture files in memory."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self.content = content

    @contextmanager
    def open(self, path: str, *, on_read: Callable[[int], None] | None = None) -> Iterator[BinaryIO]:
        data = self.content[path]
        if on_read is not None:
            on_read(len(data))
        yield cast("BinaryIO", io.BufferedReader(io.BytesIO(data)))

    def size(self, path: str) -> int:
        return len(self.content[path])

    def archive(self, path: str) -> Iterator[bytes]:
        yield self.content[path]


class World:
    def __init__(self, content: Mapping[str, bytes], **environment: str) -> None:
        self.engine = MemoryEngine()
        self.engine.add_image("db:1")
        own = {labels.OWNER: self.engine.owner, labels.PROJECT: "shop", labels.ENVIRONMENT: "staging"}
        self.container = self.engine.create_container("db", "db:1", labels=own, environment=environment)
        self.engine.start(self.container)
        self.calls: list[ExecCall] = []
        self.received: list[bytes] = []
        self.progress = Recorder()
        self.generated: list[Generation] = []
        self.load = LoadData(self.engine, Files(content), self.generate, self.progress)

    def generate(self, target: Target, generation: Generation, report: Report) -> None:
        self.generated.append(generation)
        report("orders", 5, 5)

    def answers(self, program: str, exit_code: int = 0, stdout: bytes = b"", stderr: bytes = b"") -> None:
        def act(call: ExecCall) -> Any:
            self.calls.append(call)
            self.received.append(call.stdin.read() if call.stdin else b"")
            return ends(exit_code, stdout, stderr)

        self.engine.programs[program] = act

    def __call__(
        self,
        *files: str,
        engine: DataEngine = "postgresql",
        verify: tuple[str, ...] = (),
        generation: Generation | None = None,
    ) -> None:
        self.load(
            LoadRequest(
                environment="staging",
                service="db",
                container=self.container,
                engine=engine,
                files=tuple(DataFile(path=name, shown=f"fixtures/{name}") for name in files),
                verify=verify,
                generation=generation,
            )
        )


def test_a_file_goes_whole_to_the_engines_own_client_in_one_transaction() -> None:
    world = World({"a.sql": SQL}, POSTGRES_USER="ada", POSTGRES_DB="shop", POSTGRES_PASSWORD="hunter2")
    world.answers("psql")
    world("a.sql")
    assert world.received == [SQL]
    (call,) = world.calls
    assert "-1" in call.command
    assert call.command[call.command.index("-U") + 1] == "ada"


def test_a_password_is_never_on_the_command_line() -> None:
    world = World({"a.sql": SQL}, POSTGRES_PASSWORD="hunter2")
    world.answers("psql", stdout=b"t\n")
    world("a.sql", verify=("select true",))
    assert all("hunter2" not in " ".join(call.command) for call in world.calls)
    assert world.calls[0].environment == {"PGPASSWORD": "hunter2"}


def test_a_password_that_stands_in_a_secret_file_is_read_there() -> None:
    world = World({"a.sql": SQL}, POSTGRES_PASSWORD_FILE="/run/secrets/db")
    world.answers("cat", stdout=b"from-file\n")
    world.answers("psql")
    world("a.sql")
    assert world.calls[0].command == ("cat", "--", "/run/secrets/db")
    assert world.calls[1].environment == {"PGPASSWORD": "from-file"}


def test_the_first_failing_statement_is_told_by_file_and_line() -> None:
    world = World({"a.sql": SQL, "b.sql": b"select 1;"})
    world.answers("psql", 3, stderr=b'psql:<stdin>:3: ERROR:  relation "nowhere" does not exist\n')
    with pytest.raises(DataLoadFailed) as raised:
        world("a.sql", "b.sql")
    assert raised.value.where == "fixtures/a.sql:3"
    assert raised.value.details == ("statement: insert into nowhere values (2);",)
    assert len(world.calls) == 1


def test_files_are_loaded_in_their_order_with_progress() -> None:
    world = World({"a.sql": b"one", "b.sql": b"two"})
    world.answers("psql")
    world("a.sql", "b.sql")
    assert world.received == [b"one", b"two"]
    told = [(event.text, event.done, event.total) for event in world.progress.events if isinstance(event, Message)]
    assert told == [("fixtures/a.sql -> db", 3, 3), ("fixtures/b.sql -> db", 3, 3)]


def test_rows_are_generated_after_the_files_and_before_what_is_verified() -> None:
    world = World({"a.sql": b"one"})
    world.answers("psql", stdout=b"t")
    generation = Generation(tables={})
    world("a.sql", verify=("select true",), generation=generation)
    assert world.generated == [generation]
    told = [event.text for event in world.progress.events if isinstance(event, Message)]
    assert told == ["fixtures/a.sql -> db", "5 rows of orders -> db"]
    assert [call.command[-2:] for call in world.calls][1] == ("-c", "select true")


def test_a_csv_file_is_copied_into_the_table_of_its_name() -> None:
    world = World({"orders.csv": b"id,total\n1,2\n"})
    world.answers("psql")
    world("orders.csv")
    assert 'copy "orders" ("id", "total") from stdin' in world.calls[0].command[-1]
    assert world.received == [b"id,total\n1,2\n"]


@pytest.mark.parametrize(
    ("told", "saved", "fails"),
    [
        (b"aof_enabled:1\r\naof_last_write_status:err\r\n", b"OK\n", True),
        (b"aof_enabled:1\r\naof_last_write_status:ok\r\n", b"ERR\n", False),
        (b"aof_enabled:0\r\nrdb_bgsave_in_progress:0\r\n", b"ERR\n", True),
        (b"aof_enabled:0\r\nrdb_bgsave_in_progress:0\r\n", b"OK\n", False),
        (b"aof_enabled:0\r\nrdb_bgsave_in_progress:1\r\n", b"ERR\n", False),
        (b"NOPERM this user has no permissions\n", b"NOPERM\n", False),
    ],
)
def test_redis_has_to_have_written_what_was_loaded(told: bytes, saved: bytes, *, fails: bool) -> None:
    """On a full disk it answered OK, and the baseline that was frozen of it was empty."""
    world = World({"a.redis": b"set a 1\n"})
    answers = {b"INFO persistence\n": told, b"SAVE\n": saved}
    world.engine.programs["redis-cli"] = lambda call: ends(0, answers.get(call.stdin.read() if call.stdin else b"", b"OK\n"), b"")
    with pytest.raises(DataLoadFailed, match="could not write to its disk") if fails else nullcontext():
        world("a.redis", engine="redis")


def test_a_redis_reply_that_is_an_error_ends_the_load_though_the_client_ended_well() -> None:
    world = World({"a.redis": b"# first\nset a 1\nincr b c\n"})
    world.answers("redis-cli", stdout=b"OK\nlocalenv:line:2\nERR wrong number of arguments\nlocalenv:line:3\n")
    with pytest.raises(DataLoadFailed) as raised:
        world("a.redis", engine="redis")
    assert raised.value.where == "fixtures/a.redis:3"


@pytest.mark.parametrize("answer", [b"f\n", b"false", b"0", b"", b"\n"])
def test_a_check_whose_answer_is_not_true_fails(answer: bytes) -> None:
    world = World({})
    world.answers("psql", stdout=answer)
    with pytest.raises(DataLoadFailed) as raised:
        world(verify=("select count(*) > 5 from t",))
    assert raised.value.details == ("select count(*) > 5 from t",)


def test_a_check_that_holds_is_silent_and_one_that_breaks_says_why() -> None:
    world = World({})
    world.answers("psql", stdout=b"t\n")
    world(verify=("select true",))
    world.answers("psql", 1, stderr=b"ERROR:  no such table\n")
    with pytest.raises(DataLoadFailed, match="no such table"):
        world(verify=("select 1 from nowhere",))
