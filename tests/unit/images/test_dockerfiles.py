"""Which images a Dockerfile builds on."""

from __future__ import annotations

from localenv.core.dockerfiles import dockerfile_bases


def test_stages_are_not_images() -> None:
    text = (
        "FROM golang:1 AS build\nRUN go build\nFROM build AS test\nFROM debian:12\nCOPY --from=build /a /a\nCOPY --from=0 /b /b\n"
    )
    assert dockerfile_bases(text) == ("golang:1", "debian:12")


def test_arguments_and_their_defaults_fill_in_names() -> None:
    text = 'ARG BASE="debian:12"\nARG TAG\nFROM --platform=$BUILDPLATFORM ${BASE}\nFROM redis:${TAG:-7}\nFROM nginx:$TAG\n'
    assert dockerfile_bases(text) == ("debian:12", "redis:7")
    assert dockerfile_bases(text, {"BASE": "alpine:3", "TAG": "9"}) == ("alpine:3", "redis:9", "nginx:9")


def test_a_syntax_line_and_images_copied_from_count() -> None:
    text = "# syntax=docker/dockerfile:1\nFROM scratch\nCOPY --chown=1 --from=busybox:1 /bin /bin\n"
    assert dockerfile_bases(text) == ("docker/dockerfile:1", "busybox:1")


def test_continued_lines_and_comments_are_read_as_one_instruction() -> None:
    text = "# syntax is not this\nFROM \\\n  # the base\n  debian:12\nRUN echo FROM nothing\n"
    assert dockerfile_bases(text) == ("debian:12",)
