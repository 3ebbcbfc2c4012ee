"""Real data reaches production and no other tier, whichever way it is sent."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.scenario import Installation, Result, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE: Final = """
name: guarded
services:
  cache:
    image: redis:7
    command: ["redis-server", "--appendonly", "yes"]
    volumes: ["keys:/data"]
volumes: {keys: {}}
"""
PROFILE: Final = "profile: {name}\nclassification: {told}\nservices: {{cache: {{files: [fixtures/{name}.redis]}}}}\n"
TIERS: Final = ("development", "preview", "staging", "uat")
REAL: Final = "guarded_production_keys"
"""Name on the engine of the volume with production's data."""
LABEL: Final = '{{index .Labels "localenv.classification"}}'


def mounting(name: str, *, by: str = "cache") -> str:
    """The Compose file with an external volume in the database, or in a service that only ``run`` starts."""
    top = f"volumes: {{keys: {{}}, old: {{external: true, name: {name}}}}}\n"
    if by == "cache":
        return COMPOSE.replace('["keys:/data"]', '["keys:/data", "old:/old"]').replace("volumes: {keys: {}}\n", top)
    tool = '  tool: {image: redis:7, profiles: [tools], volumes: ["old:/old"]}\n'
    return COMPOSE.replace("volumes: {keys: {}}\n", tool + top)


@dataclass(frozen=True)
class Way:
    """A command by which real data would come into an environment of ``tier``, and what the project's files say then."""

    words: str
    """``ID`` stands for the identifier of production's snapshot."""
    tier: str
    settings: str = "{}"
    compose: str = COMPOSE


WAYS: Final = {
    **{f"a profile, {tier}": Way(f"up fresh --tier {tier} --data customers", tier) for tier in TIERS},
    "a snapshot": Way("up fresh --tier staging --from friday", "staging"),
    "a clone": Way("clone production fresh --tier preview", "preview"),
    "a profile, only planned": Way("up fresh --tier staging --data customers --dry-run", "staging"),
    "a profile, for an environment with secrets": Way(
        "up fresh --tier staging --data customers", "staging", "secrets: {TOKEN: {length: 16}}"
    ),
    "a profile that localenv.yaml gives the environment": Way(
        "up fresh", "uat", "environments: {fresh: {tier: uat, data: customers}}"
    ),
    "a profile that localenv.yaml gives the tier": Way(
        "up fresh --tier staging", "staging", "tiers: {staging: {data: {profile: customers}}}"
    ),
    "a profile that localenv.yaml gives the project": Way("up fresh --tier development", "development", "data: customers"),
    "a profile, ahead of time": Way("data build customers --tier staging", "staging"),
    "a profile, in an environment that is there": Way("up development --data customers", "development"),
    "a snapshot by its identifier": Way("up fresh --tier development --from ID", "development"),
    "a baseline that another tier made": Way("up fresh --tier preview --from customers", "preview"),
    "a snapshot, in an environment that is there": Way("up development --from friday", "development"),
    "several clones": Way("clone production fresh --count 2 --tier development", "development"),
    "a clone whose name is a tier's": Way("clone production staging", "staging"),
    "a clone whose name has its tier": Way("clone production fresh", "uat", "environments: {fresh: {tier: uat}}"),
    "restore": Way("snapshot restore friday development", "development"),
    "restore by identifier": Way("snapshot restore ID development --no-backup", "development"),
    "restore, the tier changed": Way(
        "snapshot restore friday qa --confirm qa --reason why", "staging", "environments: {qa: {tier: staging}}"
    ),
    "reset": Way("data reset development --data customers", "development"),
    "reset, only planned": Way("data reset development --data customers --dry-run", "development"),
    "reset, with the project's profile": Way("data reset development", "development", "data: customers"),
    "another tier and profile for an environment": Way("up qa --tier staging --data small", "staging"),
    "another tier in localenv.yaml": Way("up qa", "uat", "environments: {qa: {tier: uat, data: small}}"),
    "a copy of an external volume": Way("up fresh --tier uat", "uat", "volumes: {old: {external: clone}}", mounting(REAL)),
    "a copy of an external volume, only planned": Way(
        "up fresh --tier development --dry-run", "development", "volumes: {old: {external: clone}}", mounting(REAL)
    ),
    "a copy of an external volume that is called synthetic": Way(
        "up fresh --tier preview", "preview", "volumes: {old: {external: clone, classification: synthetic}}", mounting(REAL)
    ),
    "an external volume that is shared": Way(
        "up fresh --tier staging", "staging", "volumes: {old: {external: share}}", mounting(REAL)
    ),
    "an external volume that is called real": Way(
        "up fresh --tier development",
        "development",
        "volumes: {old: {external: clone, classification: real}}",
        mounting("guarded-elsewhere"),
    ),
    "an external volume in an environment that is there": Way(
        "up development", "development", "volumes: {old: {external: share}}", mounting(REAL)
    ),
    "an external volume that only one run mounts": Way(
        "run development tool -- ls /old", "development", "volumes: {old: {external: share}}", mounting(REAL, by="tool")
    ),
    "the volume with all layers": Way(
        "up fresh --tier staging", "staging", "volumes: {old: {external: share}}", mounting("LAYERS")
    ),
    "a volume of its own that is called real": Way(
        "up fresh --tier development", "development", "volumes: {keys: {classification: real}}"
    ),
}


@dataclass(frozen=True)
class Guarded:
    """A project whose production and qa hold real data, and whose development holds made-up data."""

    own: Installation
    owner: str
    directory: Path

    def run(self, words: str, settings: str = "{}", compose: str = COMPOSE) -> Result:
        """Run a command with the project's files as given."""
        (self.directory / "localenv.yaml").write_text(settings)
        (self.directory / "compose.yaml").write_text(compose)
        try:
            return self.own.run(*words.split(), cwd=self.directory)
        finally:
            (self.directory / "localenv.yaml").write_text("{}")
            (self.directory / "compose.yaml").write_text(COMPOSE)

    def must(self, *words: str) -> Result:
        return self.own.must(*words, cwd=self.directory)

    def customer(self, environment: str) -> str:
        """What the environment's database has under the one key that matters."""
        return "".join(docker("exec", f"guarded_{environment}-cache-1", "redis-cli", "GET", "customer"))

    def classes(self, environment: str) -> list[str]:
        """Class of the environment's volume."""
        return docker("volume", "inspect", "--format", LABEL, f"guarded_{environment}_keys")

    def there(self) -> dict[str, list[str]]:
        """All that a refused command must neither make nor remove nor replace."""
        label = f"label=localenv.owner={self.owner}"
        return {
            "containers": docker("ps", "-a", "--filter", label, "--format", "{{.ID}} {{.Names}} {{.State}}"),
            "volumes": docker("volume", "ls", "--filter", label, "--format", "{{.Name}}"),
            "networks": docker("network", "ls", "--filter", label, "--format", "{{.ID}}"),
            "kept": sorted(docker("exec", f"localenv-keeper-{self.owner}", "find", "/vault/snapshots", "/vault/records")),
            "environments": sorted(path.name for path in (self.own.home / "environments").iterdir()),
        }

    def audited(self, environment: str) -> list[dict[str, Any]]:
        """The end of the environment's audit log."""
        found: list[dict[str, Any]] = self.must("status", environment, "--output", "json").json["events"]
        return [{key: entry[key] for key in ("actor", "command", "reason")} for entry in found]

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Whatever is done changes nothing."""
        before = self.there()
        yield
        assert self.there() == before
        assert self.customer("development") == "nobody"


@pytest.fixture(scope="module")
def guarded(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    directory = tmp_path_factory.mktemp("guarded")
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "fixtures").mkdir()
    for name, told, value in (("customers", "real", "Ada"), ("small", "synthetic", "nobody")):
        (directory / "profiles" / "data" / f"{name}.yaml").write_text(PROFILE.format(name=name, told=told))
        (directory / "fixtures" / f"{name}.redis").write_text(f"SET customer {value}\n")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text("tiers: {development: {data: {profile: small}}}")
    docker("volume", "create", "guarded-elsewhere")
    found = Guarded(own=own, owner=own.owner(), directory=directory)
    try:
        found.must("up", "production", "--data", "customers")
        found.must("up", "qa", "--tier", "production", "--data", "customers")
        found.must("up", "development")
        (directory / "localenv.yaml").write_text("{}")
        found.must("snapshot", "create", "production", "--name", "friday")
        yield found
    finally:
        own.remove_everything()
        docker("volume", "rm", "guarded-elsewhere")


@pytest.fixture(scope="module")
def friday(guarded: Guarded) -> str:
    """Identifier of production's snapshot."""
    found: str = guarded.must("snapshot", "show", "friday", "--output", "json").json["id"]
    return found


def refused(result: Result, tier: str, told: str = "real") -> None:
    """It says which data and which tier, where the rule is, and ends like any error."""
    assert result.exit_code == 1, result.said
    assert f"{tier} cannot use data classified {told}" in result.stderr
    assert f"tier {tier} allows: " in result.stderr
    assert "Traceback" not in result.said


def test_production_takes_it(guarded: Guarded) -> None:
    for environment in ("production", "qa"):
        assert guarded.classes(environment) == ["real"]
        assert guarded.customer(environment) == "Ada"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_no_other_tier_does(guarded: Guarded, friday: str, way: Way) -> None:
    words = way.words.replace("ID", friday)
    compose = way.compose.replace("LAYERS", f"localenv-layers-{guarded.owner}")
    with guarded.untouched():
        refused(guarded.run(words, way.settings, compose), way.tier)


def test_a_clone_has_the_class_of_its_origin(guarded: Guarded) -> None:
    guarded.must("clone", "production", "second")
    assert guarded.classes("second") == ["real"]
    assert guarded.customer("second") == "Ada"


def test_production_takes_a_copy_of_an_external_volume_and_its_class(guarded: Guarded) -> None:
    settings = "volumes: {old: {external: clone}}"
    done = guarded.run("up second --tier production", settings, mounting(REAL))
    assert done.exit_code == 0, done.said
    assert docker("volume", "inspect", "--format", LABEL, "guarded_second_old") == ["real"]
    assert docker("exec", "guarded_second-cache-1", "ls", "-d", "/old/appendonlydir") == ["/old/appendonlydir"]


def test_what_is_called_real_is_refused_whoever_says_it(guarded: Guarded) -> None:
    guarded.must("snapshot", "create", "development", "--name", "careful", "--class", "real")
    with guarded.untouched():
        refused(guarded.run("up fresh --tier staging --from careful"), "staging")


@pytest.mark.parametrize("said", ["", "--as ada"])
def test_nobody_calls_it_masked_without_a_name_and_a_reason(guarded: Guarded, said: str) -> None:
    with guarded.untouched():
        result = guarded.run(f"clone production shown --tier uat --class masked {said}")
    assert result.exit_code == 1
    assert "production holds real data" in result.stderr
    assert "--class masked --as NAME --reason WHY" in result.stderr
    assert "Traceback" not in result.said


def test_who_calls_it_masked_is_in_the_audit_log(guarded: Guarded) -> None:
    words = ("--class", "masked", "--as", "ada", "--reason", "names were replaced")
    guarded.must("clone", "production", "shown", "--tier", "uat", *words)
    assert guarded.customer("shown") == "Ada"
    assert guarded.classes("shown") == ["masked"]
    decided = {"actor": f"ada ({getpass.getuser()})", "command": "class real -> masked", "reason": "names were replaced"}
    assert decided in guarded.audited("production")
    with guarded.untouched():
        refused(guarded.run("clone shown fresh --tier development"), "development", "masked")


def test_what_a_reset_put_aside_comes_back_to_no_other_tier(guarded: Guarded) -> None:
    guarded.must("data", "reset", "qa", "--data", "small", "--confirm", "qa", "--reason", "tried")
    with guarded.untouched():
        words = "snapshot restore --last qa --confirm qa --reason why"
        refused(guarded.run(words, "environments: {qa: {tier: staging}}"), "staging")
    guarded.must("snapshot", "restore", "--last", "qa", "--confirm", "qa", "--reason", "back")
    assert guarded.customer("qa") == "Ada"


def test_content_that_is_only_kept_has_its_class_too(guarded: Guarded) -> None:
    docker("rm", "--force", "guarded_qa-cache-1")
    docker("volume", "rm", "guarded_qa_keys")
    with guarded.untouched():
        refused(guarded.run("up qa --tier staging --data small"), "staging")
        called = guarded.run("snapshot create qa --class masked")
        assert called.exit_code == 1
        assert "qa holds real data" in called.stderr
    guarded.must("up", "qa")
    assert guarded.classes("qa") == ["real"]
    assert guarded.customer("qa") == "Ada"
