from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.check.context import CheckContext
from localenv.core.check.model import check, paths_of
from localenv.core.configuration.settings import Grant, Settings, VolumeSettings
from localenv.core.findings import Refusal
from localenv.core.names import EnvironmentId
from localenv.core.paths import PathFacts, PathKind
from localenv.core.plan import Plan, plan_document
from localenv.core.scan.places import Places
from localenv.errors.refused import Refused
from tests.support.documents import document


def context(*, grants: tuple[Grant, ...] = (), volumes: dict[str, VolumeSettings] | None = None, **more: Any) -> CheckContext:
    settings = Settings(project="shop", grants=grants, volumes=volumes or {})
    return CheckContext(**{"root": "/p", "directory": "/p", "settings": settings, "home": "/home/me", **more})


def refusals(model: dict[str, Any], **more: Any) -> tuple[Refusal, ...]:
    return check(model, context(**more)).refusals


def service(**keys: Any) -> dict[str, Any]:
    return {"services": {"web": {"image": "x", **keys}}}


def codes(model: dict[str, Any], **more: Any) -> list[str]:
    return [refusal.code for refusal in refusals(model, **more)]


def bind(source: str, target: str = "/x", **more: Any) -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": target, **more}


REFUSED = [
    ({"privileged": True}, "privileged"),
    ({"use_api_socket": True}, "docker-socket"),
    ({"cap_add": ["NET_ADMIN"]}, "capabilities"),
    ({"cap_add": ["CAP_SYS_PTRACE", "CHOWN"]}, "capabilities"),
    ({"cap_add": ["ALL"]}, "capabilities"),
    ({"cap_add": ["all"], "cap_drop": ["ALL"]}, "capabilities"),
    ({"security_opt": ["seccomp=unconfined"]}, "security-option"),
    ({"security_opt": ["seccomp:profile.json"]}, "security-option"),
    ({"security_opt": ["apparmor:unconfined"]}, "security-option"),
    ({"security_opt": ["label:disable"]}, "security-option"),
    ({"security_opt": ["systempaths=unconfined"]}, "security-option"),
    ({"sysctls": {"kernel.core_pattern": "|/x"}}, "sysctl"),
    ({"sysctls": {"vm.max_map_count": "262144"}}, "sysctl"),
    ({"sysctls": ["fs.file-max=1"]}, "sysctl"),
    ({"oom_score_adj": -500}, "oom-score"),
    ({"oom_kill_disable": True}, "oom-score"),
    ({"cgroup_parent": "/x"}, "cgroup"),
    ({"cgroup": "host"}, "cgroup"),
    ({"devices": [{"source": "/dev/kvm", "target": "/dev/kvm", "permissions": "rwm"}]}, "device"),
    ({"devices": ["/dev/fuse:/dev/fuse"]}, "device"),
    ({"device_cgroup_rules": ["c 1:3 mr"]}, "device"),
    ({"gpus": [{"count": -1}]}, "device"),
    ({"deploy": {"resources": {"reservations": {"devices": [{"capabilities": ["gpu"]}]}}}}, "device"),
    ({"runtime": "nvidia"}, "runtime"),
    ({"pid": "host"}, "host-namespace"),
    ({"ipc": "host"}, "host-namespace"),
    ({"uts": "host"}, "host-namespace"),
    ({"userns_mode": "host"}, "host-namespace"),
    ({"pid": "container:other"}, "foreign-container"),
    ({"ipc": "container:other"}, "foreign-container"),
    ({"network_mode": "host"}, "host-network"),
    ({"network_mode": "bridge"}, "shared-network"),
    ({"network_mode": "other_default"}, "shared-network"),
    ({"network_mode": "container:other"}, "foreign-container"),
    ({"volumes_from": ["container:other"]}, "foreign-container"),
    ({"external_links": ["other:db"]}, "foreign-container"),
    ({"provider": {"type": "x"}}, "provider"),
    ({"models": {"llm": {}}}, "models"),
    ({"credential_spec": {"file": "x"}}, "credential_spec"),
    ({"brand_new_key": {"a": 1}}, "unknown-key"),
    ({"post_start": [{"command": ["x"], "privileged": True}]}, "privileged-hook"),
    ({"pre_stop": [{"command": ["x"], "privileged": True}]}, "privileged-hook"),
    ({"volumes": [bind("/var/run/docker.sock")]}, "docker-socket"),
    ({"volumes": [bind("/run/docker.sock", read_only=True)]}, "docker-socket"),
    ({"volumes": [bind("/var/run")]}, "docker-socket"),
    ({"volumes": [bind("/run")]}, "docker-socket"),
    ({"volumes": [bind("/var")]}, "docker-socket"),
    ({"volumes": [bind("/")]}, "docker-socket"),
    ({"volumes": [bind("/run/containerd")]}, "docker-socket"),
    ({"volumes": [bind("/run/user/1000/docker.sock")]}, "docker-socket"),
    ({"volumes": [bind("/home/me/.docker/run/docker.sock")]}, "docker-socket"),
    ({"volumes": [bind("/etc/ssl")]}, "bind-outside-project"),
    ({"volumes": [bind("/p2/x")]}, "bind-outside-project"),
    ({"volumes": [bind("/etc/localtime")]}, "bind-outside-project"),
    ({"volumes": [bind("/p/x", bind={"propagation": "rshared"})]}, "bind-propagation"),
    ({"volumes": [{"type": "volume", "source": "d", "target": "/x", "volume": {"subpath": "../x"}}]}, "subpath"),
    ({"volumes": [{"type": "volume", "source": "d", "target": "/x", "volume": {"subpath": "/x"}}]}, "subpath"),
    ({"volumes": [{"type": "npipe", "source": "d", "target": "/x"}]}, "unknown-mount"),
    ({"volumes": [{"type": "cluster", "source": "d", "target": "/x"}]}, "unknown-mount"),
    ({"build": {"context": "/elsewhere"}}, "build-outside-project"),
    ({"build": {"context": "https://github.com/a/b.git"}}, "remote-build"),
    ({"build": {"context": "git@github.com:a/b.git"}}, "remote-build"),
    ({"build": {"context": "/p", "dockerfile": "../Dockerfile"}}, "build-outside-project"),
    ({"build": {"context": "/p", "dockerfile": "/etc/Dockerfile"}}, "build-outside-project"),
    ({"build": {"context": "/p", "additional_contexts": {"x": "/etc"}}}, "build-outside-project"),
    ({"build": {"context": "/p", "additional_contexts": {"x": "https://example.com/x.tar"}}}, "remote-build"),
    ({"build": {"context": "/p", "additional_contexts": {"x": "oci-layout:///etc/x"}}}, "build-outside-project"),
    ({"build": {"context": "/p", "ssh": [{"id": "default"}]}}, "build-ssh"),
    ({"build": {"context": "/p", "secrets": [{"source": "x"}]}}, "build-secrets"),
    ({"build": {"context": "/p", "network": "host"}}, "build-network"),
    ({"build": {"context": "/p", "privileged": True}}, "build-privileged"),
    ({"build": {"context": "/p", "entitlements": ["network.host"]}}, "build-entitlements"),
    ({"build": {"context": "/p", "cache_to": ["type=local,dest=x"]}}, "build-cache-to"),
    ({"build": {"context": "/p", "cache_from": ["type=local,src=/etc"]}}, "build-outside-project"),
    ({"build": {"context": "/p", "tags": ["other:1"]}}, "foreign-tag"),
    ({"build": {"context": "/p", "brand_new": "1"}}, "unknown-key"),
    ({"deploy": {"brand_new": "1"}}, "unknown-key"),
    ({"image": "/server:8.1"}, "image-reference"),
    ({"image": "shop/Web:"}, "image-reference"),
    ({"image": "a b"}, "image-reference"),
    ({"develop": {"watch": [{"path": "/etc", "action": "sync", "target": "/x"}]}}, "watch-outside-project"),
]

KEPT: list[dict[str, Any]] = [
    {"cap_drop": ["ALL"], "cap_add": ["CHOWN", "CAP_SETUID", "net_bind_service"]},
    {"security_opt": ["no-new-privileges"]},
    {"security_opt": ["no-new-privileges:true", "no-new-privileges:false"]},
    {"sysctls": {"net.core.somaxconn": "1024", "kernel.shmmax": "1", "fs.mqueue.msg_max": "1"}},
    {"oom_score_adj": 500},
    {"cgroup": "private"},
    {"image": "registry.example:5000/shop/web:1@sha256:" + "a" * 64},
    {"image": "sha256:" + "a" * 64},
    {"image": "/server:", "build": {"context": "/p"}},
    {"runtime": "runc"},
    {"pid": "service:db"},
    {"ipc": "shareable"},
    {"network_mode": "none"},
    {"network_mode": "service:vpn"},
    {"volumes_from": ["db:ro"]},
    {"privileged": False, "use_api_socket": False, "provider": None, "gpus": None},
    {"volumes": [bind("/etc/localtime", read_only=True), bind("/etc/timezone", read_only=True)]},
    {"volumes": [bind("/p"), bind("/p/a/b"), bind("/p/missing")]},
    {"volumes": [bind("/p/x", bind={"propagation": "rprivate", "create_host_path": True})]},
    {
        "volumes": [
            {"type": "tmpfs", "target": "/t"},
            {"type": "volume", "source": "d", "target": "/d", "volume": {"subpath": "a/b"}},
        ]
    },
    {"build": {"context": "/p", "dockerfile": "docker/Dockerfile", "args": {"A": "b"}, "network": "none", "tags": ["x:2"]}},
    {"build": {"context": "/p/sub", "dockerfile": "../Dockerfile"}},
    {"build": {"context": "/p", "additional_contexts": {"a": "docker-image://x", "b": "service:y", "c": "/p/c"}}},
    {"build": {"context": "/p", "cache_from": ["registry/x:cache", "type=local,src=/p/cache"]}},
    {"post_start": [{"command": ["x"]}], "x-anything": {"a": 1}, "read_only": True},
    {"develop": {"watch": [{"path": "/p/src", "action": "sync", "target": "/x"}]}},
    {"deploy": {"replicas": 2, "resources": {"limits": {"memory": "1"}}, "restart_policy": {}}},
]


@pytest.mark.parametrize(("keys", "code"), REFUSED)
def test_what_cannot_run_in_copies_is_refused(keys: dict[str, Any], code: str) -> None:
    assert codes(service(**keys)) == [code]


@pytest.mark.parametrize("keys", KEPT)
def test_what_is_harmless_or_tightens_is_kept(keys: dict[str, Any]) -> None:
    assert codes(service(**keys)) == []


@pytest.mark.parametrize(("keys", "code"), REFUSED)
def test_the_grant_that_a_refusal_prints_allows_it(keys: dict[str, Any], code: str) -> None:
    (refusal,) = refusals(service(**keys))
    if refusal.grant_key is None:
        never = {"bind-propagation", "image-reference", "subpath", "unknown-mount"}
        assert code in never or "." in refusal.path.removeprefix("services.web.")
        return
    granted = refusals(
        service(**keys), grants=(Grant(service="web", key=refusal.grant_key, value=refusal.grant_value, why="test"),)
    )
    assert granted == ()
    other = (Grant(service="api", key=refusal.grant_key, value=refusal.grant_value, why="another service"),)
    assert codes(service(**keys), grants=other) == [code]


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"volumes": {"d": {"name": "x", "external": True}}}, "external-volume"),
        ({"volumes": {"d": {"driver": "rexray"}}}, "volume-driver"),
        (
            {"volumes": {"d": {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/p/data"}}}},
            "volume-options",
        ),
        ({"volumes": {"d": {"driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}}}}, "volume-options"),
        ({"networks": {"n": {"driver": "macvlan"}}}, "network-driver"),
        ({"networks": {"n": {"driver": "overlay"}}}, "network-driver"),
        ({"networks": {"n": {"name": "host", "external": True}}}, "shared-network"),
        ({"networks": {"n": {"name": "bridge", "external": True}}}, "shared-network"),
        ({"networks": {"n": {"driver_opts": {"com.docker.network.bridge.name": "docker0"}}}}, "network-options"),
        ({"secrets": {"s": {"file": "/etc/shadow"}}}, "secret-outside-project"),
        ({"configs": {"s": {"file": "/etc/passwd"}}}, "config-outside-project"),
        ({"secrets": {"s": {"file": "/var/run/docker.sock"}}}, "docker-socket"),
        ({"configs": {"s": {"file": "/run/docker.sock"}}}, "docker-socket"),
        ({"configs": {"s": {"file": "/var/run"}}}, "docker-socket"),
        ({"secrets": {"s": {"external": True, "name": "s"}}}, "external-secret"),
        ({"secrets": {"s": {"driver": "vault"}}}, "secret-driver"),
        ({"models": {"llm": {"model": "x"}}}, "models"),
        ({"brand_new": {"a": 1}}, "unknown-key"),
        ({"volumes": {"d": {"brand_new": 1}}}, "unknown-key"),
    ],
)
def test_what_a_project_declares_is_judged_too(section: dict[str, Any], code: str) -> None:
    (refusal,) = refusals(section)
    assert refusal.code == code
    if refusal.grant_key is not None:
        grant = Grant(key=refusal.grant_key, value=refusal.grant_value, why="test")
        assert refusals(section, grants=(grant,)) == ()
    else:
        assert refusal.hint is not None or code in {"secret-driver", "models", "unknown-key"}


@pytest.mark.parametrize(
    "section",
    [
        {"volumes": {"d": {"name": "x"}, "e": None, "t": {"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}}},
        {"networks": {"n": {"driver": "bridge", "internal": True, "ipam": {}}, "o": {"external": True, "name": "proxy"}}},
        {"networks": {"n": {"driver_opts": {"com.docker.network.driver.mtu": "1400"}}}},
        {"secrets": {"a": {"file": "/p/key"}, "b": {"environment": "B"}, "c": {"content": "x"}}, "name": "shop", "x-y": 1},
    ],
)
def test_ordinary_declarations_are_kept(section: dict[str, Any]) -> None:
    assert codes(section) == []


def test_an_external_volume_is_fine_once_localenv_yaml_says_what_to_do() -> None:
    section = {"volumes": {"d": {"name": "x", "external": True}}}
    assert codes(section, volumes={"d": VolumeSettings(external="clone")}) == []
    assert "external: clone" in (refusals(section)[0].hint or "")


@pytest.mark.parametrize(
    ("kind", "real", "code"),
    [
        ("file", "/etc/passwd", "bind-outside-project"),
        ("socket", "/run/docker.sock", "docker-socket"),
        ("directory", "/run", "docker-socket"),
        ("socket", "/p/app.sock", "special-file"),
        ("device", "/p/disk", "special-file"),
        ("fifo", "/p/pipe", "special-file"),
    ],
)
def test_a_bind_is_judged_by_where_its_links_lead(kind: PathKind, real: str, code: str) -> None:
    facts = {"/p/link": PathFacts(kind=kind, real=real)}
    assert codes(service(volumes=[bind("/p/link")]), facts=facts) == [code]
    assert codes({"secrets": {"s": {"file": "/p/link"}}}, facts=facts) == [code.replace("bind", "secret")]


def test_a_project_around_the_engines_socket_does_not_make_it_harmless() -> None:
    assert codes(service(volumes=[bind("/run")]), root="/", directory="/") == ["docker-socket"]


def test_every_path_of_the_model_is_asked_for() -> None:
    model = service(
        volumes=[bind("/a"), {"type": "volume", "source": "v", "target": "/v"}],
        build={"context": "/b", "dockerfile": "D", "additional_contexts": {"x": "/c"}, "cache_from": ["type=local,src=/d"]},
        develop={"watch": [{"path": "/e"}]},
    ) | {"secrets": {"s": {"file": "/f"}}, "configs": {"c": {"file": "/g$$h"}}}
    assert set(paths_of(model)) == {"/a", "/b", "/b/D", "/c", "/d", "/e", "/f", "/g$h"}


FILE = """services:
  web:
    image: x
    volumes:
      - ./src:/src
      - /etc/ssl:/etc/ssl:ro
      - ../other:/other
    privileged: true
  api:
    cap_add: [CHOWN, SYS_ADMIN, NET_ADMIN]
    pid: host
"""
MODEL = {
    "services": {
        "web": {"volumes": [bind("/p/src", "/src"), bind("/etc/ssl", "/etc/ssl"), bind("/other", "/other")], "privileged": True},
        "api": {"cap_add": ["CHOWN", "SYS_ADMIN", "NET_ADMIN"], "pid": "host"},
    }
}


def test_all_refusals_come_at_once_in_the_order_of_the_file() -> None:
    found = refusals(MODEL, places=Places(documents=(document(FILE),)))
    assert [(refusal.line, refusal.code) for refusal in found] == [
        (6, "bind-outside-project"),
        (7, "bind-outside-project"),
        (8, "privileged"),
        (10, "capabilities"),
        (11, "host-namespace"),
    ]


def test_a_refusal_is_told_with_its_place_and_the_grants_to_paste() -> None:
    error = Refused(refusals(MODEL, places=Places(documents=(document(FILE),))))
    assert error.message == "5 things in compose.yaml cannot be run in several copies"
    assert (
        "\n".join(error.details)
        == """
compose.yaml:6  services.web.volumes[1]: /etc/ssl -> /etc/ssl
  lies outside the project

compose.yaml:7  services.web.volumes[2]: /other -> /other
  lies outside the project

compose.yaml:8  services.web.privileged: true
  gives the container the whole machine, in every environment

compose.yaml:10  services.api.cap_add: SYS_ADMIN, NET_ADMIN
  lets the container do to the machine what containers may not do by default

compose.yaml:11  services.api.pid: host
  sees and can end every program of the machine

To allow them, add to localenv.yaml:
  grants:
    - {service: web, key: volumes, value: [/etc/ssl, /other], why: "..."}
    - {service: web, key: privileged, why: "..."}
    - {service: api, key: cap_add, value: [SYS_ADMIN, NET_ADMIN], why: "..."}
    - {service: api, key: pid, why: "..."}"""
    )


def test_the_grants_that_are_printed_allow_everything_when_they_are_pasted() -> None:
    details = Refused(refusals(MODEL)).details
    block = "\n".join(details[details.index("  grants:") :])
    grants = tuple(Grant(**entry) for entry in document(block).value["grants"])
    found = check(MODEL, context(grants=grants))
    assert found.refusals == ()
    assert found.notes == ()


def test_the_plan_document_says_which_grant_would_allow_it() -> None:
    document = plan_document(
        Plan(environment=EnvironmentId(project="shop", name="staging")), refusals=refusals(service(privileged=True))
    )
    assert document["refusals"][0]["hint"] == 'add to grants in localenv.yaml: {service: web, key: privileged, why: "..."}'


def test_a_grant_counts_paths_from_the_project() -> None:
    grants = (
        Grant(service="web", key="volumes", value="../other", why="x"),
        Grant(service="web", key="volumes", value="~/d", why="x"),
    )
    assert codes(service(volumes=[bind("/other"), bind("/home/me/d")]), grants=grants) == []


def test_a_grant_is_printed_as_it_fits_every_machine() -> None:
    (near, far) = refusals(
        service(volumes=[bind("/home/me/code/other"), bind("/opt/x")]), root="/home/me/code/shop", directory="/home/me/code/shop"
    )
    assert (near.grant_value, far.grant_value) == ("../other", "/opt/x")
    assert near.value == "../other -> /x"
    details = Refused((near, far)).details
    assert '    - {service: web, key: volumes, value: [../other, /opt/x], why: "..."}' in details
    assert details[-1].startswith("Or, when the project begins further up")


def test_a_grant_for_one_value_allows_no_other() -> None:
    grants = (
        Grant(service="web", key="cap_add", value=["NET_ADMIN"], why="x"),
        Grant(service="web", key="volumes", why="all of them"),
    )
    found = check(service(cap_add=["NET_ADMIN", "SYS_ADMIN"], volumes=[bind("/etc")]), context(grants=grants))
    assert [refusal.code for refusal in found.refusals] == ["capabilities", "bind-outside-project"]


def test_a_grant_that_allows_nothing_is_told() -> None:
    found = check(service(), context(grants=(Grant(service="web", key="privileged", why="once"),)))
    assert [note.code for note in found.notes] == ["unused-grant"]


keys = st.sampled_from(
    ["privileged", "volumes", "build", "cap_add", "deploy", "network_mode", "security_opt", "sysctls", "devices", "new"]
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(keys, junk, max_size=5),
    st.dictionaries(st.sampled_from(["volumes", "networks", "secrets", "configs"]), junk, max_size=3),
)
def test_no_model_whatever_makes_checking_fail(definition: dict[str, Any], top: dict[str, Any]) -> None:
    found = check({"services": {"web": definition}, **top}, context())
    assert all(refusal.message and refusal.path for refusal in found.refusals)


@given(st.text(max_size=20))
def test_a_key_that_nobody_knows_is_refused_by_its_name(end: str) -> None:
    (refusal,) = refusals(service(**{f"new-{end}": "value"}))
    assert (refusal.code, refusal.path) == ("unknown-key", f"services.web.new-{end}")
