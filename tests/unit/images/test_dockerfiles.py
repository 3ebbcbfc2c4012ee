"""Which images a Dockerfile builds on."""

from __future__ import annotations

from localenv.core.dockerfiles import dockerfile_bases


def test_stages_are_not_images() -> None:
    text = (
        "FROM golang:1 AS build\nRUN go build\nFROM build AS test\nFROM debian:12\nCOPY --from=build /a /a\nCOPY --from=0 /b /b\n"
    )
    assert dockerfile_bases(text) == ("golang:1", "debian:12")


def test_arguments_and_their_defaults_fill_in_names() -> None:
    text = 'ARG BASE="debian:12"\nARG TAG\nFROM --platform=$BUILDPLATFORM ${BASE} AS a\n'
    text += "FROM redis:${TAG:-7} AS b\nFROM nginx:$TAG\nCOPY --from=a / /a\nCOPY --from=b / /b\n"
    assert dockerfile_bases(text) == ("debian:12", "redis:7")
    assert dockerfile_bases(text, {"BASE": "alpine:3", "TAG": "9"}) == ("alpine:3", "redis:9", "nginx:9")


def test_a_syntax_line_and_images_copied_from_count() -> None:
    text = "# syntax=docker/dockerfile:1\nFROM scratch\nCOPY --chown=1 --from=busybox:1 /bin /bin\n"
    assert dockerfile_bases(text) == ("docker/dockerfile:1", "busybox:1")


def test_continued_lines_and_comments_are_read_as_one_instruction() -> None:
    text = "# syntax is not this\nFROM \\\n  # the base\n  debian:12\nRUN echo FROM nothing\n"
    assert dockerfile_bases(text) == ("debian:12",)


def test_only_stages_on_the_way_to_the_target_count() -> None:
    text = (
        "FROM python:3 AS Base\nFROM base AS test\nCOPY --from=tools:1 / /\n"
        "FROM base AS final\nRUN --mount=type=bind,from=wheels:2,target=/w pip install /w\n"
    )
    assert dockerfile_bases(text) == ("python:3", "wheels:2")
    assert dockerfile_bases(text, target="test") == ("python:3", "tools:1")
    assert dockerfile_bases(text, target="BASE") == ("python:3",)
    assert dockerfile_bases(text, target="1") == ("python:3", "tools:1")


def test_a_target_that_is_not_there_leaves_every_stage() -> None:
    assert dockerfile_bases("FROM a:1\nFROM b:2\n", target="gone") == ("a:1", "b:2")


def test_a_stage_named_like_its_own_image_starts_from_the_image() -> None:
    assert dockerfile_bases("FROM node AS node\nFROM node\n") == ("node",)
