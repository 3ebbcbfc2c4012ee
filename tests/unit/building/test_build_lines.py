"""Which lines of a builder are worth telling."""

from __future__ import annotations

import pytest

from localenv.core.build_lines import build_step


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("#9 [worker 2/7] RUN apt-get update  && apt-get install x", "2/7 RUN apt-get update && apt-get install x"),
        ("#5 [2/3] COPY . .", "2/3 COPY . ."),
        ("#12 [web stage-1 3/4] WORKDIR /srv", "3/4 WORKDIR /srv"),
        ("Step 4/9 : RUN make", "4/9 RUN make"),
        ("#9 1.047 Get:1 http://deb.example bookworm InRelease [151 kB]", None),
        ("#2 [api internal] load build definition from Dockerfile", None),
        ("#9 DONE 42.9s", None),
        ("", None),
    ],
)
def test_only_steps_are_told(line: str, step: str | None) -> None:
    assert build_step(line) == step


def test_a_long_step_is_cut() -> None:
    told = build_step("#5 [2/3] RUN " + "x" * 500)
    assert told is not None
    assert len(told) < 80
