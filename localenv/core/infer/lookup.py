"""Tables found by what a column's name calls them: ``user_id`` means ``users``, ``wp_posts`` and ``Post`` mean a post."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Final

from localenv.core.infer.words import words_of
from localenv.core.schema.model import Column, ForeignKey, Kind, Schema, Table

__all__ = ["Lookup", "class_name", "singular"]

_PEOPLE: Final = frozenset(
    {"author", "owner", "creator", "editor", "assignee", "reviewer", "sender", "recipient", "receiver", "approver", "member",
     "updater", "deleter", "inviter", "moderator", "uploader", "requester", "reporter", "manager", "actor", "follower"}
)  # fmt: skip
_DOERS: Final = frozenset(
    {"created", "updated", "modified", "changed", "deleted", "approved", "reviewed", "closed", "resolved", "assigned", "invited",
     "uploaded", "merged", "added", "removed", "archived", "requested", "published", "edited", "banned", "sent", "cancelled"}
)  # fmt: skip
_KEYS: Final = frozenset({"integer", "uuid", "text", "bytes", "decimal"})
_SHORTEST_PREFIX: Final = 2
_MOST_TARGETS: Final = 3


def singular(word: str) -> str:
    """A plural's singular, well enough to compare names."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("uses", "us")):
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + instead
    return word.removesuffix("s") if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def class_name(table: Table) -> str:
    """What a framework calls the rows of a table: ``blog_posts`` are ``BlogPost``s."""
    words = words_of(table.name.name)
    return "".join(word.capitalize() for word in [*words[:-1], *(singular(word) for word in words[-1:])])


class Lookup:
    """Finds tables of one schema by what columns are called."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def referenced(self, table: Table, column: Column) -> tuple[Table, Column] | None:
        """The key that a column without a foreign key seems to hold, by its name."""
        words = words_of(column.name)
        if len(words) < 2 or words[-1] not in {"id", "uuid"} or column.kind not in _KEYS or table.primary == (column.name,):  # noqa: PLR2004 - a name and "id"
            return None
        by = next((place for place, word in enumerate(words) if word == "by"), 0)
        phrase = ["user"] if by and words[by - 1] in _DOERS else words[:-1]
        for start in range(len(phrase)):
            for found in self._called(" ".join(phrase[start:]), table):
                if (
                    (key := _single_key(found))
                    and alike(key, column.kind)
                    and (found.name != table.name or phrase[0] == "parent")
                ):
                    return found, key
        if phrase == ["parent"]:
            key = _single_key(table)
            return (table, key) if key and alike(key, column.kind) else None
        return self._person(phrase, column)

    def central(self, kind: Kind, beside: Table) -> list[tuple[Table, Column]]:
        """The tables that others point to most, with keys of this kind: what polymorphic references may mean."""
        ranked = sorted(self._schema.tables, key=lambda each: (-self._pointed_to.get(str(each.name), 0), str(each.name)))
        found = [(each, key) for each in ranked if each.name != beside.name and (key := _single_key(each)) and alike(key, kind)]
        return found[:_MOST_TARGETS]

    def named(self, value: str, kind: Kind) -> tuple[Table, Column] | None:
        """The table that a type column's value means: ``Post``, ``blog_post``, ``Blog::Post``."""
        phrase = " ".join(words_of(value.replace("::", "\\").rpartition("\\")[2]))
        for found in self._called(phrase, None):
            key = _single_key(found)
            if key is not None and alike(key, kind):
                return found, key
        return None

    def _person(self, phrase: list[str], column: Column) -> tuple[Table, Column] | None:
        if phrase[-1] not in _PEOPLE:
            return None
        for found in self._called("user", None):
            key = _single_key(found)
            if key is not None and alike(key, column.kind):
                return found, key
        return None

    def _called(self, phrase: str, beside: Table | None) -> list[Table]:
        words = phrase.split()
        normal = " ".join([*words[:-1], singular(words[-1])]) if words else ""
        found = self._by_phrase.get(normal, [])
        return sorted(found, key=lambda each: (beside is not None and each.name.schema != beside.name.schema, str(each.name)))

    @cached_property
    def _by_phrase(self) -> dict[str, list[Table]]:
        index: dict[str, list[Table]] = defaultdict(list)
        prefix = self._prefix
        for table in self._schema.tables:
            for name in dict.fromkeys((table.name.name, table.name.name.removeprefix(prefix))):
                words = words_of(name)
                if words:
                    index[" ".join([*words[:-1], singular(words[-1])])].append(table)
        return index

    @cached_property
    def _prefix(self) -> str:
        """What all names begin with, such as ``wp_``."""
        names = [table.name.name for table in self._schema.tables]
        first, last = min(names, default=""), max(names, default="")
        same = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
        common = first[:same] if len(names) > _SHORTEST_PREFIX else ""
        return common[: common.rfind("_") + 1]

    @cached_property
    def _pointed_to(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for table in self._schema.tables:
            for key in table.foreign_keys:
                counts[str(key.table)] += 1
        return counts


def alike(key: Column, kind: Kind) -> bool:
    """Whether a key's values fit into a column of this kind."""
    return key.kind == kind


def widest_key(table: Table, column: str) -> ForeignKey | None:
    """The foreign key that decides a column's value: of several the one with the most columns."""
    keys = [key for key in table.foreign_keys if column in key.columns]
    return max(keys, key=lambda key: len(key.columns), default=None)


def _single_key(table: Table) -> Column | None:
    return table.column(table.primary[0]) if len(table.primary) == 1 else None
