"""Which way of cloning this engine's storage can do, tried out once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from typing import Final
from uuid import uuid4

import msgspec

from localenv.adapters.volume_store.keeper import ROOT, Entry, Keeper
from localenv.adapters.volume_store.scripts import COPY, DISCARD
from localenv.core.labels import ROLE
from localenv.core.snapshots.model import Method
from localenv.core.typed import from_json
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine, ToolSpec, VolumeSpec
from localenv.ports.state import Ledger

__all__ = ["OVERLAY_OPTIONS", "Probed", "overlay_options", "probe"]

OVERLAY_OPTIONS: Final = (",redirect_dir=off,metacopy=off,index=off", ",userxattr", "")
"""Tried in this order: an upper folder is to be a layer that stands on its own; ``userxattr`` is for rootless engines."""

_REPLACE: Final = """
test -f /probe/folder/old && test -f /probe/gone
rm -r /probe/folder && mkdir /probe/folder && rm /probe/gone && touch /probe/folder/new
"""
_COMPARE: Final = "test -f /probe/folder/new && test ! -e /probe/folder/old && test ! -e /probe/gone"
_SHARE: Final = 'cp --reflink=always -- "partial/$1/lower/gone" "partial/$1/shared"'


def overlay_options(path: str, lower: tuple[str, ...], upper: str | None, extra: str) -> dict[str, str]:
    """Options of a local volume of type overlay; ``lower`` (topmost first) and ``upper`` are below ``path``."""
    option = "lowerdir=" + ":".join(f"{path}/{each}" for each in lower)
    if upper is not None:
        option += f",upperdir={path}/{upper}/upper,workdir={path}/{upper}/work"
    return {"type": "overlay", "device": "overlay", "o": option + extra}


class Probed:
    """What was found for this place on this engine, remembered in the ledger. ``forced`` is taken without a look."""

    def __init__(
        self,
        engine: Engine,
        keeper: Keeper,
        ledger: Ledger,
        lock: Callable[[], AbstractContextManager[None]],
        forced: Method | None,
    ) -> None:
        self._engine = engine
        self._keeper = keeper
        self._ledger = ledger
        self._lock = lock
        self._forced = forced

    @property
    def method(self) -> Method:
        """How clones are made."""
        return self._found[0]

    @property
    def options(self) -> str:
        """Further options of every overlay."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[Method, str]:
        key = f"volumes {self._keeper.path()}"
        if self._forced in {"reflink", "copy"}:
            return self._forced, ""
        told = self._ledger.setting(key)
        if told is None:
            with self._lock():
                method, extra = probe(self._engine, self._keeper)
            told = msgspec.json.encode([method, extra]).decode()
            self._ledger.set_setting(key, told)
        return from_json(told, tuple[Method, str])


def probe(engine: Engine, keeper: Keeper) -> tuple[Method, str]:
    """The best method that gives a clone its content, deletions included, and the overlay's further options."""
    path = keeper.path()
    name = f"probe-{uuid4().hex[:12]}"
    base = f"partial/{name}"
    try:
        for number, extra in enumerate(OVERLAY_OPTIONS):
            with suppress(LocalenvError):
                if _overlay_works(engine, keeper, f"{path}/{base}", f"{name}-{number}", extra):
                    return "overlay", extra
        with suppress(LocalenvError):
            keeper.run(_SHARE, name)
            return "reflink", ""
        return "copy", ""
    finally:
        keeper.run(DISCARD, name)


def _overlay_works(engine: Engine, keeper: Keeper, path: str, name: str, extra: str) -> bool:
    """Delete and make again through one overlay, freeze what it wrote by copying, and look through another."""
    base = path[path.rindex("/partial/") + 1 :]
    keeper.put(
        [
            *(Entry(path=f"{base}/{each}") for each in ("", "lower", "lower/folder", "one", "one/upper", "one/work")),
            *(Entry(path=f"{base}/{each}") for each in ("two", "two/upper", "two/work", "slot")),
            Entry(path=f"{base}/lower/folder/old", content=b"old"),
            Entry(path=f"{base}/lower/gone", content=b"gone"),
        ]
    )
    if not _runs(engine, keeper, f"localenv-{name}-1", overlay_options(path, ("slot", "lower"), "one", extra), _REPLACE):
        return False
    frozen = f"{base.removeprefix('partial/')}/frozen-{name}"
    keeper.run(COPY, f"{base}/one/upper", frozen)
    layers = (f"frozen-{name}", "lower")
    return _runs(engine, keeper, f"localenv-{name}-2", overlay_options(path, layers, "two", extra), _COMPARE)


def _runs(engine: Engine, keeper: Keeper, volume: str, options: dict[str, str], script: str) -> bool:
    engine.create_volume(VolumeSpec(name=volume, options=options, labels={ROLE: "tool"}))
    try:
        result = engine.run_tool(
            ToolSpec(
                name=volume,
                image=keeper.image,
                entrypoint=("sh",),
                command=("-euc", script),
                binds=(f"{volume}:/probe", f"{keeper.volume}:{ROOT}:ro"),
            )
        )
        return result is not None and result.exit_code == 0
    finally:
        engine.remove_volume(volume)
