"""What becomes of networks, names and addresses."""

from __future__ import annotations

from localenv.core.rewrite import rewrite
from tests.unit.rewrite.given import codes, context, model, port, service


def test_a_network_is_named_for_the_environment_and_carries_no_addresses() -> None:
    whole = model(
        {
            "web": {
                "image": "a",
                "networks": {"front": {"ipv4_address": "10.5.0.4", "mac_address": "02:42:ac:11:00:02", "aliases": ["w"]}},
            }
        },
        networks={"front": {"name": "frontnet", "ipam": {"config": [{"subnet": "10.5.0.0/24"}]}, "enable_ipv6": True}},
    )
    rewritten = rewrite(whole, context())
    network = rewritten.model["networks"]["front"]
    assert (network["name"], "ipam" in network, "external" in network) == ("shop_dev_front", False, False)
    assert service(rewritten)["networks"] == {"front": {"aliases": ["w"]}}
    assert {"address", "network-name", "subnet", "network-ipv6"} <= set(codes(rewritten))


def test_who_names_a_replaced_address_is_told() -> None:
    services = {
        "dns": {"image": "a", "networks": {"default": {"ipv4_address": "10.5.0.4"}}},
        "web": {"image": "b", "environment": {"NEAR": "10.5.0.40", "RESOLVER": "tcp://10.5.0.4:53"}},
    }
    assert codes(rewrite(model(services), context()), "web") == ["address-mentioned"]


def test_a_name_server_whose_address_is_replaced_is_left_out() -> None:
    services = {
        "dns": {"image": "a", "networks": {"default": {"ipv4_address": "10.5.0.4"}}},
        "web": {"image": "b", "dns": ["10.5.0.4", "9.9.9.9"]},
        "api": {"image": "c", "dns": ["10.5.0.4"]},
    }
    rewritten = rewrite(model(services), context())
    assert service(rewritten)["dns"] == ["9.9.9.9"]
    assert "dns" not in service(rewritten, "api")
    assert codes(rewritten, "web") == codes(rewritten, "api") == ["dns-dropped"]


def test_an_external_network_becomes_the_environments_own() -> None:
    whole = model(
        {"web": {"image": "a", "networks": {"edge": None}}}, networks={"edge": {"name": "traefik_public", "external": True}}
    )
    rewritten = rewrite(whole, context())
    assert [(item.key, item.name) for item in rewritten.networks] == [("edge", "shop_dev_edge")]
    assert "network-external" in codes(rewritten)


def test_two_keys_with_one_name_stay_one_network() -> None:
    whole = model(
        {"a": {"image": "a", "networks": {"one": None}}, "b": {"image": "b", "networks": {"two": None}}},
        networks={"one": {"name": "same"}, "two": {"name": "same", "external": True}},
    )
    rewritten = rewrite(whole, context())
    assert [item.key for item in rewritten.networks] == ["one"]
    assert service(rewritten, "b")["networks"] == {"one": None}


def test_a_network_that_no_service_joins_is_not_made() -> None:
    whole = model({"web": {"image": "a"}}, networks={"default": {"name": "x_default"}, "spare": {"name": "x_spare"}})
    assert [item.key for item in rewrite(whole, context()).networks] == ["default"]


def test_driver_options_stay_less_those_that_name_an_interface_of_the_host() -> None:
    options = {"com.docker.network.driver.mtu": 1400, "com.docker.network.bridge.name": "br-shop"}
    whole = model({"web": {"image": "a"}}, networks={"default": {"name": "x", "driver": "bridge", "driver_opts": options}})
    rewritten = rewrite(whole, context())
    assert rewritten.networks[0].driver_options == {"com.docker.network.driver.mtu": "1400"}
    assert "network-bridge" in codes(rewritten)


def test_a_fixed_container_name_stays_a_name_on_the_networks() -> None:
    whole = model({"db": {"image": "a", "container_name": "shop-db", "networks": {"default": {"aliases": ["x"]}, "back": None}}})
    rewritten = rewrite(whole, context())
    assert "container_name" not in service(rewritten, "db")
    assert service(rewritten, "db")["networks"] == {"default": {"aliases": ["x", "shop-db"]}, "back": {"aliases": ["shop-db"]}}
    assert codes(rewritten, "db") == ["container-name"]


def test_a_network_mode_of_another_service_stays() -> None:
    whole = model({"vpn": {"image": "v", "ports": [port(80, 80)]}, "app": {"image": "a", "network_mode": "service:vpn"}})
    assert service(rewrite(whole, context()), "app")["network_mode"] == "service:vpn"


def test_the_project_is_the_environment_and_extensions_are_gone() -> None:
    whole = model({"web": {"image": "a", "profiles": ["x"]}}, version="3", **{"x-common": {"a": 1}})
    rewritten = rewrite(whole, context(name="qa-2"))
    assert rewritten.model["name"] == "shop_qa-2"
    assert not {"version", "x-common"} & set(rewritten.model)
    assert "profiles" not in service(rewritten)
