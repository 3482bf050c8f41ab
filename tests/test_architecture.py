"""The floors of the house: no foreign key and no reverse accessor climbs. (Imports: `lint-imports`.)"""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"core"},
    {"reference", "accounts"},
    {"mall"},
    {"tenants"},
    {"leases", "inventory", "footfall"},
    {"sales"},
    {"kiosk", "insights"},
    {"api", "web", "demo"},
    {"config"},
]
FLOOR_OF = {name: level for level, names in enumerate(FLOORS) for name in names}
HOUSE = [config for config in apps.get_app_configs() if config.name in FLOOR_OF]


def test_every_app_of_ours_has_a_floor():
    ours = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert ours <= set(FLOOR_OF)


def test_no_foreign_key_points_upwards_or_to_a_neighbour():
    climbing = []
    for config in HOUSE:
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                target = getattr(field, "related_model", None)
                if target is None or field.auto_created or target._meta.app_label not in FLOOR_OF:
                    continue
                there = target._meta.app_label
                if there != config.label and FLOOR_OF[there] >= FLOOR_OF[config.label]:
                    climbing.append(f"{model._meta.label}.{field.name} -> {there}")
    assert climbing == []


def _reverse_names() -> dict[str, set[str]]:
    """The accessor names that rows of an upper floor hang on models, with the floors that hang them."""
    names: dict[str, set[str]] = {}
    for config in HOUSE:
        for model in config.get_models():
            for relation in model._meta.related_objects:
                label = relation.related_model._meta.app_label
                name = relation.get_accessor_name()
                if name and label in FLOOR_OF and label != config.label:
                    names.setdefault(name, set()).add(label)
    return names


@pytest.mark.parametrize("config", HOUSE, ids=lambda config: config.name)
def test_no_floor_reads_what_a_floor_above_hangs_on_its_models(config):
    reverse = {
        name
        for name, labels in _reverse_names().items()
        if all(FLOOR_OF[label] > FLOOR_OF[config.name] for label in labels)
    }
    own = {
        field.name
        for model in config.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if not field.auto_created
    }
    found = []
    for path in sorted((ROOT / config.name).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            words = []
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                words = [node.attr]
            elif isinstance(node, ast.keyword) and node.arg:
                words = node.arg.split("__")
            found += [f"{path.relative_to(ROOT)}:{node.lineno} {word}" for word in words if word in reverse - own]
    assert found == []


def test_no_function_of_ours_connects_a_signal():
    connected = [
        str(path.relative_to(ROOT))
        for config in HOUSE
        for path in (ROOT / config.name).rglob("*.py")
        if re.search(r"@receiver\(|(save|delete|init|migrate|changed)\.connect\(", path.read_text())
    ]
    assert connected == []


LOCKS = {"select_for_update", "still_here"}
# Says in its docstring that its caller holds the transaction.
WITHIN_THE_CALLERS = {"on_record", "still_here"}


def _opens_a_transaction(node: ast.AST) -> bool:
    return "transaction.atomic" in ast.unparse(node)


def _lock_calls(node: ast.AST, *, held: bool) -> list[int]:
    """The lines on which rows are locked outside of any transaction that the function itself opens."""
    found: list[int] = []
    for child in ast.iter_child_nodes(node):
        name = ""
        if isinstance(child, ast.Call):
            name = getattr(child.func, "attr", getattr(child.func, "id", ""))
        if name in LOCKS and not held:
            found.append(child.lineno)
        opens = isinstance(child, ast.With) and any(_opens_a_transaction(item) for item in child.items)
        # A function within is what `ledger.again` runs in a transaction.
        within = isinstance(child, ast.FunctionDef | ast.Lambda)
        found += _lock_calls(child, held=held or opens or within)
    return found


@pytest.mark.parametrize("config", HOUSE, ids=lambda config: config.name)
def test_an_operation_that_locks_rows_opens_the_transaction_itself(config):
    """Tests play inside a transaction, so that a lock outside of one would go unseen until people use it."""
    outside = []
    for path in sorted((ROOT / config.name).rglob("*.py")):
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                continue
            held = function.name in WITHIN_THE_CALLERS or any(map(_opens_a_transaction, function.decorator_list))
            outside += [f"{path.relative_to(ROOT)}:{line}" for line in _lock_calls(function, held=held)]
    assert outside == []
