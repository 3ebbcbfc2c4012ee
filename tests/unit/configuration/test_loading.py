from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from localenv.actions.configuration import Loaded, LoadSettings
from localenv.actions.configuration_views import CheckConfiguration, CheckedConfiguration
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.errors import InvalidInput, LocalenvError, NotFound

COMPOSE = "services:\n  web: {image: nginx}\n  db: {image: postgres}\nvolumes:\n  data: {}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def write(home: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str = COMPOSE) -> Path:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def load(directory: Path, home: Path) -> Loaded:
    return LoadSettings(DiskFiles(), load_document, shipped=str(shipped_root()), home=str(home))(str(directory))


def check(directory: Path, home: Path) -> CheckedConfiguration:
    files = DiskFiles()
    return CheckConfiguration(
        LoadSettings(files, load_document, shipped=str(shipped_root()), home=str(home)), files, load_document
    )(str(directory))


Write = Callable[..., Path]


def test_a_compose_file_alone_is_a_project(home: Path, write: Write) -> None:
    write("My Shop/docker-compose.yml")
    loaded = load(home / "My Shop", home)
    assert loaded.settings.project == "my-shop"
    assert loaded.origins["project",].text == "the directory's name"


@pytest.mark.parametrize(
    ("text", "project"),
    [
        ("name: Other_Shop\n", "other-shop"),
        ("# a comment\nservices: {}\n'name' : other\n", "other"),
        ("{name: flow, services: {}}\n", "flow"),
        ("x-base: &base\n  name: merged\n<<: *base\n", "merged"),
        ("name: ${PROJECT:-other}\n", "shop"),
        ("services:\n  name: {image: x}\n", "shop"),
        ("name: [1]\n", "shop"),
        ("name: other\n\tbroken\n", "shop"),
    ],
)
def test_the_name_of_the_compose_file_comes_before_the_directorys(home: Path, write: Write, text: str, project: str) -> None:
    write("shop/compose.yaml", text)
    assert load(home / "shop", home).settings.project == project


def test_the_name_in_localenv_yaml_comes_first(home: Path, write: Write) -> None:
    write("shop/compose.yaml", "name: other\n")
    write("shop/localenv.yaml", "project: mine\n")
    assert load(home / "shop", home).settings.project == "mine"


def test_the_listed_compose_files_name_the_project_the_last_one_first(home: Path, write: Write) -> None:
    write("shop/a.yaml", "name: first\n")
    write("shop/b.yaml", "name: second\n")
    write("shop/c.yaml", "services: {}\n")
    write("shop/localenv.yaml", "compose: [a.yaml, b.yaml, c.yaml]\n")
    assert load(home / "shop", home).settings.project == "second"


def test_a_project_is_found_from_below(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    (home / "shop/web/src").mkdir(parents=True)
    assert load(home / "shop/web/src", home).directory == str(home / "shop")


def test_localenv_yaml_above_comes_before_a_compose_file_in_between(home: Path, write: Write) -> None:
    write("shop/localenv.yaml", "compose: [docker/compose.yaml]\n")
    write("shop/docker/compose.yaml")
    assert load(home / "shop/docker", home).directory == str(home / "shop")


def test_looking_upwards_ends_at_the_repository(home: Path, write: Write) -> None:
    write("compose/compose.yaml")
    (home / "compose/repository/.git").mkdir(parents=True)
    (home / "compose/repository/src").mkdir()
    with pytest.raises(NotFound) as caught:
        load(home / "compose/repository/src", home)
    assert caught.value.code_of_case == "no-project"


def test_looking_upwards_ends_below_home_but_home_itself_counts_when_one_is_there(home: Path, write: Write) -> None:
    write("compose.yaml")
    (home / "elsewhere").mkdir()
    with pytest.raises(NotFound):
        load(home / "elsewhere", home)
    assert load(home, home).directory == str(home)


def test_a_settings_file_that_leads_out_of_the_project_is_not_read(home: Path, write: Write, tmp_path: Path) -> None:
    write("shop/compose.yaml")
    (tmp_path / "outside.yaml").write_text("project: outside\n")
    (home / "shop/localenv.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(InvalidInput) as caught:
        load(home / "shop", home)
    assert caught.value.code_of_case == "outside-project"


def test_a_fifo_in_the_place_of_a_file_does_no_harm(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    (home / "shop/profiles/tiers").mkdir(parents=True)
    os.mkfifo(home / "shop/profiles/tiers/uat.yaml")
    with pytest.raises(InvalidInput) as caught:
        load(home / "shop", home)
    assert caught.value.code_of_case == "not-a-file"


def test_a_projects_own_tier_file_overrides_what_ships(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    write("shop/profiles/tiers/staging.yaml", "rollout: recreate\n")
    write("shop/profiles/tiers/load.yaml", "purpose: load tests\nafter: staging\n")
    loaded = load(home / "shop", home)
    assert loaded.settings.tiers["staging"].rollout == "recreate"
    assert loaded.settings.tiers["load"].after == "staging"
    assert loaded.where(("tiers", "staging", "rollout")) == "profiles/tiers/staging.yaml:1:1"


def test_files_that_are_nearly_named_right_are_told(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    write("shop/localenv.yml", "project: x\n")
    write("shop/profiles/data/small.yml", "")
    assert [note.message for note in load(home / "shop", home).notes] == [
        "localenv.yml is not read: the file is called localenv.yaml",
        "profiles/data/small.yml is not read: its ending must be .yaml",
    ]


def test_check_names_what_the_compose_file_does_not_have(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    write(
        "shop/localenv.yaml",
        "expose: {wbe: {port: 80}}\nchecks: {smoke: {service: tests}}\nvolumes: {dta: {external: share}}\n"
        "tiers: {production: {replicas: {dbb: 2}}}\ngrants: [{service: agnt, key: privileged, why: x}]\n",
    )
    with pytest.raises(InvalidInput) as caught:
        check(home / "shop", home)
    told = "\n".join(caught.value.details)
    assert "localenv.yaml:1:10  expose.wbe: the Compose file has no service 'wbe' (nearest: web)" in told
    assert "checks.smoke.service: the Compose file has no service 'tests'" in told
    assert "localenv.yaml:3:11  volumes.dta: the Compose file has no volume 'dta' (nearest: data)" in told
    assert "tiers.production.replicas.dbb: the Compose file has no service 'dbb' (nearest: db)" in told
    assert "grants[0].service: the Compose file has no service 'agnt'" in told


def test_check_leaves_services_alone_where_files_are_included(home: Path, write: Write) -> None:
    write("shop/compose.yaml", "include: [other.yaml]\n")
    write("shop/localenv.yaml", "expose: {web: {port: 80}}\n")
    assert check(home / "shop", home).files == ("localenv.yaml", "compose.yaml")


def test_a_template_with_an_unknown_name_is_refused_when_the_file_is_loaded(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    write(
        "shop/localenv.yaml",
        "tiers:\n  uat:\n    variables:\n      A: '{{ urlz.web }}'\n    compose_profiles: [a, '{{ urls.x }}']\n",
    )
    with pytest.raises(InvalidInput) as caught:
        load(home / "shop", home)
    assert [line.partition(" (")[0] for line in caught.value.details] == [
        "localenv.yaml:4:7  tiers.uat.variables.A: the template uses the name 'urlz', which does not exist",
        "localenv.yaml:5:27  tiers.uat.compose_profiles[1]: the template uses the name 'urls', which does not exist",
    ]


def test_check_reads_data_profiles(home: Path, write: Write) -> None:
    write("shop/compose.yaml")
    write("shop/profiles/data/small.yaml", "profile: small\nclassification: synthetc\nseed: x\n")
    with pytest.raises(InvalidInput) as caught:
        check(home / "shop", home)
    told = "\n".join(caught.value.details)
    assert "profiles/data/small.yaml:2:1  classification: expected one of" in told
    assert "profiles/data/small.yaml:3:1  seed: expected a whole number, got 'x'" in told


def test_check_tells_a_missing_compose_file_by_the_line_that_names_it(home: Path, write: Write) -> None:
    write("shop/localenv.yaml", "project: shop\ncompose: [nothing.yaml]\n")
    with pytest.raises(InvalidInput) as caught:
        check(home / "shop", home)
    assert caught.value.where == "localenv.yaml:2:1"


def test_without_a_project_the_shipped_tiers_are_shown(home: Path) -> None:
    loading = LoadSettings(DiskFiles(), load_document, shipped=str(shipped_root()), home=str(home))
    assert not loading.or_shipped(str(home)).is_project


@pytest.mark.parametrize("text", ["\x00", "a: &a [*a]\n", "? [a]\n: b\n", "a: !!python/object:os.system x\n", "[" * 200])
def test_hostile_yaml_is_an_error_and_never_a_crash(home: Path, write: Write, text: str) -> None:
    write("shop/compose.yaml")
    write("shop/localenv.yaml", text)
    with pytest.raises(LocalenvError):
        load(home / "shop", home)
