"""The file of one run: what stays of a service and what must not."""

from __future__ import annotations

import hashlib
from typing import Any

from localenv.core import labels
from localenv.core.run_model import injected_copies, needed_services, run_model, used_volumes
from localenv.core.wanted import InjectedFile, Rewritten

TIER = {labels.OWNER: "le-1", labels.PROJECT: "shop", labels.ENVIRONMENT: "staging"}


def rewritten(**services: dict[str, Any]) -> Rewritten:
    return Rewritten(
        model={
            "name": "shop_staging",
            "services": services,
            "networks": {"default": {"name": "shop_staging_default"}, "other": {"name": "shop_staging_other"}},
            "volumes": {
                "data": {"name": "shop_staging_data", "external": True},
                "unused": {"name": "shop_staging_unused", "external": True},
            },
        }
    )


def made(service: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    return run_model(rewritten(web=service, **others), "web", mounts={}, tier=TIER)


def test_a_run_takes_no_port_address_replica_or_dependency() -> None:
    model = made(
        {
            "image": "shop:1",
            "ports": [{"target": 80, "published": "80"}],
            "restart": "always",
            "deploy": {"replicas": 3, "resources": {"limits": {"memory": "64m"}}},
            "depends_on": {"db": {"condition": "service_healthy"}},
            "networks": {"default": {"ipv4_address": "10.0.0.9", "aliases": ["shop"]}},
            "build": {"context": "."},
        },
        db={"image": "postgres"},
    )
    assert model["services"] == {
        "web": {
            "image": "shop:1",
            "deploy": {"resources": {"limits": {"memory": "64m"}}},
            "networks": {"default": {"aliases": ["shop"]}},
            "labels": {**TIER, labels.ROLE: labels.RUN},
        }
    }
    assert model["networks"] == {"default": {"name": "shop_staging_default"}}


def test_only_volumes_in_use_are_declared() -> None:
    model = made({"image": "x", "volumes": [{"type": "volume", "source": "data", "target": "/data"}]})
    assert used_volumes(model) == {"shop_staging_data"}


def test_what_up_injects_is_mounted() -> None:
    secret = InjectedFile(target="/run/secrets/key", content=b"abc", mode=0o400)
    digest = hashlib.sha256(b"abc").hexdigest()
    copies = injected_copies((secret,), state_directory="/state/shop_staging", digest={secret.target: digest})
    assert [(copy.content, copy.mode) for copy in copies] == [(b"abc", 0o400)]
    model = run_model(rewritten(web={"image": "x"}), "web", mounts={secret.target: copies[0].target}, tier=TIER)
    (mount,) = model["services"]["web"]["volumes"]
    assert (mount["source"], mount["target"], mount["read_only"]) == (copies[0].target, "/run/secrets/key", True)
    assert b"abc" not in str(model).encode()


def test_services_whose_namespaces_are_shared_come_along() -> None:
    model = {
        "services": {
            "web": {"network_mode": "service:vpn", "volumes_from": ["files:ro", "container:foreign"]},
            "vpn": {"pid": "service:base"},
            "files": {},
            "base": {},
            "db": {},
        }
    }
    assert needed_services(model, "web") == {"web", "vpn", "files", "base"}
