from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localenv.adapters.kept_images import DockerKeptImages
from localenv.core.releases.model import kept_reference
from localenv.ports.process import Completed

IMAGE = f"sha256:{'a1' * 32}"


class Docker:
    """The command line and the engine: which containers hold which image, by name."""

    owner = "mine"

    def __init__(self) -> None:
        self.holders: dict[str, str] = {}

    def run(self, argv: Sequence[str], **_given: Any) -> Completed:
        if "create" in argv:
            name = next(word for word in argv if word.startswith("--name="))
            self.holders[name.removeprefix("--name=")] = IMAGE
        return Completed(exit_code=0, stdout=b"", stderr=b"")

    def tool(self, name: str) -> Mapping[str, str] | None:
        return {"image_id": self.holders[name]} if name in self.holders else None

    def remove_tool(self, name: str) -> None:
        self.holders.pop(name, None)


def test_a_project_that_gives_an_image_up_leaves_it_to_the_others() -> None:
    docker: Any = Docker()
    images = DockerKeptImages(engine=docker, processes=docker)
    shop, blog = (kept_reference(project, "db", IMAGE) for project in ("shop", "blog"))
    for reference in (shop, blog, shop):
        images.keep(IMAGE, reference)
    assert len(docker.holders) == 2
    images.give_up(shop)
    assert len(docker.holders) == 1
    images.give_up(blog)
    assert docker.holders == {}
