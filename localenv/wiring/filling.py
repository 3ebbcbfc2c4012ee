"""What fills volumes and databases: apart, because a plan that creates nothing needs none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localenv.actions.filling import Filling
from localenv.actions.generate_rows import GenerateRows
from localenv.actions.load_data import LoadData
from localenv.actions.personalise import PersonaliseData
from localenv.actions.read_schema import ReadSchema
from localenv.adapters.faker_words import words

if TYPE_CHECKING:
    from localenv.wiring.adapters import Adapters

__all__ = ["filling"]


def filling(told: Adapters) -> Filling:
    """Build it on one installation's adapters."""
    generate = GenerateRows(told.engine, ReadSchema(told.engine), words)
    load = LoadData(told.engine, told.fixtures, generate, told.progress)
    return Filling(told.engine, told.store, told.fixtures, load, PersonaliseData(told.engine))
