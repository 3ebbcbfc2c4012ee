from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.domains import HOST_LIMIT, domain_problem
from localenv.core.configuration.effective import Effective, Layers, effective
from localenv.core.configuration.environments import environment_settings
from localenv.core.configuration.flatten import configured_values
from localenv.core.configuration.merge import Layer, merge
from localenv.core.configuration.settings import Settings
from localenv.core.documents import Document
from localenv.core.names import SLUG_LIMIT, EnvironmentId
from localenv.errors import InvalidInput

SHIPPED = {
    path.stem: load_document(path.read_bytes(), f"profiles/tiers/{path.name}")
    for path in sorted(Path(shipped_root(), "profiles/tiers").glob("*.yaml"))
}


def configured(
    text: str = "",
    *,
    own: Mapping[str, str] | None = None,
    options: dict[str, Any] | None = None,
    profiles: list[str] | None = None,
) -> Effective:
    own_tiers = {name: load_document(tier.encode(), f"profiles/tiers/{name}.yaml") for name, tier in (own or {}).items()}
    layers = Layers(
        project="shop",
        project_origin="the directory's name",
        shipped_tiers=SHIPPED,
        own_tiers=own_tiers,
        settings=load_document(text.encode(), "localenv.yaml"),
        command_line=options or {},
    )
    return effective(layers, profiles=profiles)


def refusal(text: str, **more: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        configured(text, **more)
    return caught.value


def test_nothing_at_all_is_a_configuration() -> None:
    found = configured()
    assert found.settings.project == "shop"
    assert tuple(found.settings.tiers) == ("development", "preview", "staging", "uat", "production")
    assert found.origin(("project",)).text == "the directory's name"
    assert found.origin(("domain",)).text == "default"


def test_the_shipped_tiers_are_those_of_the_design() -> None:
    tiers = configured().settings.tiers
    assert {name: tier.data.allowed for name, tier in tiers.items()} == {
        "development": ("synthetic",),
        "preview": ("synthetic", "masked"),
        "staging": ("synthetic", "masked"),
        "uat": ("synthetic", "masked"),
        "production": ("real", "masked", "synthetic"),
    }
    assert [name for name, tier in tiers.items() if tier.source == "release"] == ["staging", "uat", "production"]
    assert [name for name, tier in tiers.items() if tier.rollout == "rolling"] == ["staging", "uat", "production"]
    assert [name for name, tier in tiers.items() if tier.compose_override] == ["development"]
    assert [name for name, tier in tiers.items() if not tier.lifetime.bulk_removal] == ["production"]
    assert [tier.guards.destroy for tier in tiers.values()] == ["none", "none", "ask", "ask", "typed"]
    assert tiers["preview"].lifetime.ttl == "72h"
    assert tiers["production"].guards.reason


def test_mappings_merge_and_lists_are_replaced() -> None:
    found = configured("tiers: {production: {replicas: {web: 3}, data: {allowed: [masked]}, gates: []}}\n").settings
    production = found.tiers["production"]
    assert production.replicas == {"web": 3}
    assert production.exposed_replicas == 2
    assert production.data.allowed == ("masked",)
    assert production.gates == ()


def test_layers_win_in_their_order_and_say_so() -> None:
    own = {"staging": "rollout: recreate\npurpose: ours\n"}
    found = configured("tiers: {staging: {purpose: theirs}}\ndomain: test\n", own=own, options={"domain": "internal"})
    assert found.settings.tiers["staging"].rollout == "recreate"
    assert found.settings.tiers["staging"].purpose == "theirs"
    assert found.origin(("tiers", "staging", "rollout")).text == "profiles/tiers/staging.yaml:1"
    assert found.origin(("tiers", "staging", "purpose")).text == "localenv.yaml:1"
    assert found.origin(("tiers", "staging", "source")).text == "profiles/tiers/staging.yaml:5 (shipped)"
    assert found.origin(("domain",)).text == "command line"
    assert found.settings.domain == "internal"


def test_null_takes_a_value_away() -> None:
    found = configured("tiers: {preview: {lifetime: {ttl: null}}}\n")
    assert found.settings.tiers["preview"].lifetime.ttl is None
    assert found.origin(("tiers", "preview", "lifetime", "ttl")).text == "localenv.yaml:1"


def test_the_shape_of_production_is_taken_where_a_tier_states_none() -> None:
    found = configured("tiers: {production: {replicas: {web: 3, api: 4}}, staging: {replicas: {api: 1}, limits: {memory: 1g}}}\n")
    staging, uat = found.settings.tiers["staging"], found.settings.tiers["uat"]
    assert staging.replicas == {"web": 3, "api": 1}
    assert (staging.limits.memory, staging.limits.cpus, staging.exposed_replicas) == ("1g", 1.0, 2)
    assert uat.replicas == {"web": 3, "api": 4}
    assert found.origin(("tiers", "uat", "replicas", "api")).text == "localenv.yaml:1"
    assert found.origin(("tiers", "staging", "limits", "cpus")).text == "profiles/tiers/production.yaml:12 (shipped)"


def test_a_stated_null_is_not_filled_from_the_shape() -> None:
    staging = configured("tiers: {staging: {limits: {memory: null, cpus: null}, exposed_replicas: null}}\n").settings.tiers[
        "staging"
    ]
    assert (staging.limits.memory, staging.limits.cpus, staging.exposed_replicas) == (None, None, None)


def test_a_dropped_tier_is_passed_over_by_the_chain_and_the_gates() -> None:
    found = configured("tiers: {uat: null}\n")
    production = found.settings.tiers["production"]
    assert "uat" not in found.settings.tiers
    assert production.after == "staging"
    assert production.gates == ("healthy in staging", "approved in staging")
    assert found.origin(("tiers", "production", "after")).text == "uat is dropped"
    assert [note.message for note in found.notes] == [
        "production comes after staging, because uat is dropped",
        "the gates of production look at staging, because uat is dropped",
    ]


def test_several_dropped_tiers_are_passed_over_together() -> None:
    found = configured("tiers: {uat: null, staging: null}\n").settings
    assert found.tiers["production"].after == "development"
    assert found.tiers["production"].gates == ("healthy in development", "approved in development")


def test_a_tier_without_its_model_keeps_its_own_shape() -> None:
    found = configured("tiers: {production: null}\n")
    assert found.settings.tiers["staging"].shape_of is None
    assert found.settings.tiers["staging"].exposed_replicas is None


def test_a_project_may_add_a_tier_and_put_it_into_the_chain() -> None:
    text = "tiers: {load: {purpose: load tests, after: staging, shape_of: production}, uat: {after: load}}\n"
    assert tuple(configured(text).settings.tiers) == ("development", "preview", "staging", "load", "uat", "production")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environments: {qa: {tier: stagign}}\n", "environments.qa.tier: there is no tier 'stagign'"),
        (
            "environments: {staging: {tier: uat}}\n",
            "environments.staging.tier: staging is the name of a tier, so its tier is staging",
        ),
        ("environments: {QA_1: {tier: uat}}\n", "environments.QA_1: 'QA_1' cannot be the name of an environment"),
        ("project: My Shop\n", "project: 'My Shop' cannot be the name of a project"),
        ("tiers: {Big: {purpose: x}}\n", "tiers.Big: 'Big' cannot be the name of a tier"),
        ("tiers: {load: {after: staging}}\n", "tiers.load: the key 'purpose' is missing"),
        ("tiers: {staging: {tier: stage}}\n", "tiers.staging.tier: 'stage' is not the name of this tier"),
        ("tiers: {staging: {after: production}}\n", "3 things"),
        ("tiers: {production: {shape_of: staging}}\n", "2 things"),
        ("tiers: {staging: {shape_of: prod}}\n", "tiers.staging.shape_of: there is no tier 'prod'"),
        ("tiers: {staging: {after: prod}}\n", "tiers.staging.after: there is no tier 'prod'"),
        ("tiers: {staging: {gates: [smok]}}\n", "tiers.staging.gates[0]: 'smok' is no gate"),
        ("tiers: {uat: {gates: [healthy in stagin]}}\n", "tiers.uat.gates[0]: there is no tier 'stagin'"),
        ("domain: com\n", "domain: 'com' may hold other people's names"),
        ("domain: Local_Host\n", "domain: 'Local_Host' is not a domain"),
        ("domain: 127.0.0.1\n", "domain: '127.0.0.1' is an address"),
        ("domain: 'x.test.'\n", "domain: 'x.test.' is not a domain"),
        (f"domain: {'a.' * 70}test\n", "domain: the domain leaves no room"),
        ("domain: '{{ x }}.test'\n", "domain: '{{ x }}.test' is not a domain"),
        ("expose: {a: {primary: true}, b: {primary: true}}\n", "expose.b.primary: a is primary already"),
        ("expose: {a: {protocol: tcp, primary: true}}\n", "expose.a.primary: a service with protocol tcp cannot be primary"),
        ("expose: {a: {protocol: tcp, path: /x}}\n", "expose.a: ports, host_header and path mean nothing"),
        ("expose: {a: {port: 80, ports: [80]}}\n", "expose.a.ports: a port is there twice"),
        ("expose: {'a`b': {port: 80}}\n", "expose.a`b: 'a`b' cannot be a name here"),
        ("compose: [../compose.yaml]\n", "compose[0]: '../compose.yaml' is not a file inside the project"),
        ("compose: ['https://x.test/c.yaml']\n", "compose[0]: 'https://x.test/c.yaml' is not a file"),
        ("variables: {'A B': x}\n", "variables.A B: 'A B' cannot be the name of a variable"),
        ('variables: {A: "x\\0"}\n', "variables.A: a variable cannot hold a NUL"),
        ("expose: {a: {path: '/{{x}}'}}\n", "expose.a.path"),
        ("tiers: {uat: {purpose: 'for {{ project }}'}}\n", "tiers.uat.purpose: templates are for"),
    ],
)
def test_what_refers_to_nothing_is_refused_with_its_path(text: str, message: str) -> None:
    error = refusal(text)
    assert error.message.startswith(message)
    assert (error.where or "").startswith(("localenv.yaml:1", "profiles/tiers/"))


def test_a_wrong_value_does_not_hide_below_a_right_one() -> None:
    error = refusal("tiers: {staging: {rollout: rolling}}\n", own={"staging": "rollout: roling\n"})
    assert error.where == "profiles/tiers/staging.yaml:1:1"


def test_problems_of_several_files_are_told_together() -> None:
    error = refusal("domian: test\n", own={"qa": "purpos: x\n"}, options={"expose": 3})
    assert [line.split("  ")[0] for line in error.details] == ["profiles/tiers/qa.yaml:1:1", "localenv.yaml:1:1", "command line"]


def test_a_data_profile_must_exist() -> None:
    error = refusal("data: smal\n", profiles=["small", "empty"])
    assert error.message == "data: there is no data profile 'smal'"
    assert "nearest: small" in error.hints[0]
    assert configured("data: smal\n").settings.data == "smal"


def test_the_name_of_a_check_is_a_gate() -> None:
    found = configured("checks: {smoke: {service: tests}}\ntiers: {staging: {gates: [healthy, smoke]}}\n")
    assert found.settings.tiers["staging"].gates == ("healthy", "smoke")


def test_an_environment_gets_its_tier_from_its_name_its_declaration_or_the_option() -> None:
    settings = configured("environments: {qa-2: {tier: staging, data: orders}}\ndata: small\n").settings
    assert environment_settings(settings, "uat")[0].tier == "uat"
    assert environment_settings(settings, "uat")[1] == "small"
    assert environment_settings(settings, "qa-2")[0].tier == "staging"
    assert environment_settings(settings, "qa-2")[1] == "orders"
    assert environment_settings(settings, "mine", "development")[0].tier == "development"
    assert environment_settings(settings, "qa-2", data="other")[1] == "other"


def test_a_tiers_data_profile_comes_before_the_projects() -> None:
    settings = configured("tiers: {production: {data: {profile: large}}}\ndata: small\n").settings
    assert [environment_settings(settings, name)[1] for name in ("staging", "production")] == ["small", "large"]


def test_templates_of_a_tier_are_rendered_for_an_environment() -> None:
    text = (
        "tiers: {uat: {data: {profile: '{{ project }}-{{ environment }}'}, compose_profiles: ['{{ tier }}', '{{ release }}']}}\n"
    )
    tier, data = environment_settings(configured(text).settings, "uat")
    assert data == "shop-uat"
    assert tier.compose_profiles == ("uat",)


@pytest.mark.parametrize(
    ("name", "tier", "message"),
    [
        ("stagin", None, "stagin is neither a tier nor an environment"),
        ("mine", "stagin", "there is no tier 'stagin'"),
        ("staging", "uat", "staging is a tier by itself"),
        ("qa", "uat", "qa is declared with tier staging"),
        ("--force", None, "'--force' cannot be the name of an environment"),
        ("a/../b", "uat", "'a/../b' cannot be the name of an environment"),
    ],
)
def test_an_environment_without_a_clear_tier_is_refused(name: str, tier: str | None, message: str) -> None:
    settings = configured("environments: {qa: {tier: staging}}\n").settings
    with pytest.raises(InvalidInput) as caught:
        environment_settings(settings, name, tier)
    assert caught.value.message.startswith(message)


def test_secret_variables_are_hidden_when_values_are_listed() -> None:
    text = "variables: {API_TOKEN: hunter2, URL: 'postgres://me:hunter2@db/x', MODE: fast}\n"
    text += "tiers: {uat: {variables: {DB_PASSWORD: hunter2}}}\n"
    listed = {each.path: each.value for each in configured_values(configured(text))}
    assert listed["variables.API_TOKEN"] == "***"
    assert listed["variables.URL"] == "postgres://me:***@db/x"
    assert listed["variables.MODE"] == "fast"
    assert listed["tiers.uat.variables.DB_PASSWORD"] == "***"


def test_each_value_is_listed_once_and_rebuilds_the_settings() -> None:
    found = configured("expose: {web: {port: 80}}\ntiers: {production: {replicas: {web: 3}}}\n")
    listed = [each.path for each in configured_values(found)]
    assert len(listed) == len(set(listed))
    assert "expose.web.port" in listed
    assert "tiers.uat.replicas.web" in listed


keys = st.sampled_from(["a", "b", "c"])
trees = st.recursive(
    st.integers() | st.none() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(keys, trees, max_size=3)


def layer(value: dict[str, Any], name: str) -> Layer:
    return Layer(kind="project", value=value, document=Document(file=name, value=value))


@given(one=mappings, two=mappings)
def test_every_leaf_has_the_origin_of_the_layer_that_has_it(one: dict[str, Any], two: dict[str, Any]) -> None:
    merged = merge([layer(one, "one"), layer(two, "two")])

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                walk(inner, (*path, key))
        elif path:
            source = {"one": one, "two": two}[merged.origin(path).where or ""]
            for key in path:
                source = source[key]
            assert source == value or (value == {} and isinstance(source, dict))

    walk(merged.value, ())


@given(value=mappings)
def test_laying_a_mapping_over_itself_changes_nothing(value: dict[str, Any]) -> None:
    assert merge([layer(value, "one"), layer(value, "two")]).value == merge([layer(value, "one")]).value


@given(one=mappings, two=mappings)
def test_merging_leaves_its_layers_alone(one: dict[str, Any], two: dict[str, Any]) -> None:
    before = msgspec.json.encode([one, two])
    merge([layer(one, "one"), layer(two, "two")]).value.setdefault("new", {})
    assert msgspec.json.encode([one, two]) == before


def test_settings_decode_from_their_own_plain_values() -> None:
    settings = configured("data: small\n").settings
    assert msgspec.convert(msgspec.to_builtins(settings), Settings) == settings


@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,12}", fullmatch=True))
def test_every_hostname_below_an_accepted_domain_fits(domain: str) -> None:
    longest = "x" * SLUG_LIMIT
    if domain_problem(domain) is None:
        assert len(EnvironmentId(project=longest, name=longest).host(domain, longest)) <= HOST_LIMIT
