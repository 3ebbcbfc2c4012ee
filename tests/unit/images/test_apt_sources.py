"""The machine's own apt entries, in both of apt's formats."""

from __future__ import annotations

from localenv.core.apt_sources import entries_for_suite

STANZAS = """\
Types: deb deb-src
# a comment inside
URIs: http://debian.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://debian.example/debian-security
Suites: bookworm-security trixie
Components: main

Types: deb
URIs: http://other.example/tool
Suites: bookworm
Components: main
Signed-By: /etc/apt/keyrings/other.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


def test_deb822_stanzas_of_the_suite_become_lines() -> None:
    assert entries_for_suite({"debian.sources": STANZAS}, "bookworm") == (
        "deb http://debian.example/debian bookworm main",
        "deb http://debian.example/debian bookworm-updates main",
        "deb http://debian.example/debian-security bookworm-security main",
    )


def test_one_line_entries_keep_their_components() -> None:
    text = "# deb http://no.example bookworm main\ndeb [arch=amd64] http://debian.example/debian  bookworm  main contrib # own\n"
    text += "deb-src http://debian.example/debian bookworm main\ndeb [signed-by=/own.gpg] http://own.example bookworm main\n"
    assert entries_for_suite({"sources.list": text}, "bookworm") == ("deb http://debian.example/debian bookworm main contrib",)


def test_a_machine_of_another_release_has_no_entries() -> None:
    assert entries_for_suite({"debian.sources": STANZAS}, "bullseye") == ()


def test_updates_alone_make_no_system() -> None:
    assert entries_for_suite({"a.list": "deb http://debian.example bookworm-updates main\n"}, "bookworm") == ()
