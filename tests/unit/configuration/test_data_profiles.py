from __future__ import annotations

from pathlib import Path

import pytest

from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.data_profile import decode_data_profile
from localenv.errors import InvalidInput

HEAD = "profile: small\nclassification: synthetic\n"


def refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        decode_data_profile(load_document(text.encode(), "profiles/data/small.yaml"), "small")
    return caught.value


def test_a_profile_of_files_is_read() -> None:
    text = f"""{HEAD}seed: 7
services:
  db: {{files: [a.csv, b.sql.gz], verify: [select 1]}}
volumes:
  uploads: {{files: up/}}
  more: {{files: [a, b]}}
"""
    profile = decode_data_profile(load_document(text.encode(), "profiles/data/small.yaml"), "small")
    assert profile.services["db"].files == ("a.csv", "b.sql.gz")
    assert profile.services["db"].verify == ("select 1",)
    assert profile.volumes["uploads"].sources == ("up/",)
    assert profile.volumes["more"].sources == ("a", "b")


def test_every_profile_in_the_repository_is_valid() -> None:
    paths = [
        *Path(shipped_root(), "profiles/data").glob("*.yaml"),
        *Path(shipped_root(), "compose/shop/profiles/data").glob("*.yaml"),
    ]
    names = {decode_data_profile(load_document(path.read_bytes(), path.name), path.stem).profile for path in paths}
    assert {"empty", "small", "large", "live"} <= names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "2 things"),
        ("profile: small\n", "the key 'classification' is missing"),
        (f"{HEAD}servces: {{}}\n", "servces: unknown key"),
        ("profile: large\nclassification: synthetic\n", "profile: 'large' is not the file's name"),
        ("profile: small\nclassification: syntetic\n", "classification: expected one of masked, real, synthetic, got 'syntetic'"),
        (f"{HEAD}services: {{db: {{files: a.sql}}}}\n", "services.db.files: expected a list, got text"),
        (
            f"{HEAD}services: {{db: {{files: [/etc/passwd]}}}}\n",
            "services.db.files[0]: '/etc/passwd' is not a path inside the project",
        ),
        (f"{HEAD}services: {{db: {{files: [a/../../b]}}}}\n", "services.db.files[0]: 'a/../../b' is not a path"),
        (f"{HEAD}volumes: {{up: {{files: ~/x}}}}\n", "volumes.up.files: '~/x' is not a path inside the project"),
        (f"{HEAD}volumes: {{up: {{}}}}\n", "volumes.up: the key 'files' is missing"),
        (f"{HEAD}services: []\n", "services: expected a mapping, got a list"),
        ("- a\n", "expected a mapping, got a list"),
    ],
)
def test_what_is_wrong_with_a_profile_is_told(text: str, message: str) -> None:
    assert refusal(text).message.startswith(message)
