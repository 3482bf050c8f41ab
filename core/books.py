"""Books that verify themselves: an invariant is a sentence and a query that finds whatever contradicts it.

An app that keeps books names its invariants in `books.py` as `INVARIANTS`; `manage.py verify_books` asks them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, util

from django.apps import apps
from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """`finds` is SQL whose rows are the disagreements: one text column that says where, and what is found there."""

    name: str
    sentence: str
    finds: str


@dataclass(frozen=True)
class Disagreement:
    """Something in the books that contradicts an invariant."""

    invariant: Invariant
    where: str


def invariants() -> list[Invariant]:
    """Those of every app that keeps books."""
    return [
        invariant
        for config in apps.get_app_configs()
        if util.find_spec(f"{config.name}.books") and config.name != "core"
        for invariant in getattr(import_module(f"{config.name}.books"), "INVARIANTS", ())
    ]


def disagreements(invariant: Invariant) -> Iterator[Disagreement]:
    """Whatever contradicts the invariant now."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.finds)
        for (where,) in cursor:
            yield Disagreement(invariant, where)
