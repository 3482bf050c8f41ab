"""`manage.py sync_messages`: gather every string a reader sees, and keep the Hindi catalogue complete.

Reads Python and templates with Babel (no gettext tools needed on the machine), writes
`locale/hi/LC_MESSAGES/django.po`, compiles the `.mo`. With `--check` it changes nothing and fails
where a string has no Hindi, a translation loses a placeholder, or the compiled file is stale.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import extract_python
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
SKIP = {".venv", "var", "node_modules", "tests", "migrations", "benches"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
DEVANAGARI = re.compile("[\u0900-\u097f]")
WORD = re.compile("[A-Za-z]{2}")
# Names and signs that are the same in both languages.
SAME = {"SKU", "MRP", "GSTIN", "PAN", "ODOP", "GI", "IFSC", "xlsx", "PDF", "API", "English", "हिन्दी", "JSON", "OpenAPI"}

Message = tuple[str | None, str, str | None]  # context, singular, plural
Texts = tuple[str | None, ...]
STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(?:_|n?p?gettext)\((?:\s*{STRING}\s*,?|\s*\w+\s*,?)*\)", re.DOTALL)


class Command(BaseCommand):
    help = "Gather translatable strings; keep locale/hi complete."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail on what is missing")
        parser.add_argument("--missing", action="store_true", help="print what has no Hindi yet, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.LOCALE_PATHS[0]) / "hi" / "LC_MESSAGES" / "django.po"
        catalogue = polib.pofile(str(path)) if path.exists() else _new_catalogue()
        found = dict(_messages(Path(settings.BASE_DIR)))
        faults = list(_faults(catalogue, found))
        if options["missing"]:
            for context, text, plural in sorted(found, key=str):
                entry = catalogue.find(text, msgctxt=context or False)
                if entry is None or not entry.translated():
                    self.stdout.write(repr((context, text, plural, found[(context, text, plural)])))
            return
        if options["check"]:
            if not faults and _compiled(catalogue) != path.with_suffix(".mo").read_bytes():
                faults.append("locale/hi/LC_MESSAGES/django.mo is stale: run manage.py sync_messages")
            if faults:
                raise CommandError("\n".join(faults))
            self.stdout.write(f"{len(found)} strings, all in Hindi")
            return
        _merge(catalogue, found)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path))
        path.with_suffix(".mo").write_bytes(_compiled(catalogue))
        untranslated = sum(1 for entry in catalogue if not entry.obsolete and not entry.translated())
        self.stdout.write(f"{len(found)} strings, {untranslated} without Hindi")


def _messages(root: Path) -> Iterator[tuple[Message, str]]:
    """Every message with the file it stands in."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.suffix not in (".py", ".html", ".txt", ".svg") or SKIP & set(parts):
            continue
        if path.suffix != ".py" and "templates" not in parts:
            continue
        source = path.read_text(encoding="utf-8")
        calls = _in_python(source) if path.suffix == ".py" else _in_template(source, str(path))
        for function, texts in calls:
            if message := _message(function, texts):
                yield message, "/".join(parts)


def _in_python(source: str) -> Iterator[tuple[str, Texts]]:
    for _line, function, text, _comments in extract_python(
        io.BytesIO(source.encode()), dict.fromkeys(KEYWORDS), [], {"encoding": "utf-8"}
    ):
        yield str(function), tuple(text) if isinstance(text, tuple) else (str(text),)


def _in_template(source: str, origin: str) -> Iterator[tuple[str, Texts]]:
    """Django turns a template into calls among blanked-out text, which only a lenient reader can read."""
    for call in CALL.finditer(templatize(source, origin=origin)):
        tree = ast.parse(call.group(0), mode="eval").body
        assert isinstance(tree, ast.Call)
        assert isinstance(tree.func, ast.Name)
        yield tree.func.id, tuple(arg.value for arg in tree.args if isinstance(arg, ast.Constant))  # type: ignore[misc]


def _message(function: str, texts: tuple[str | None, ...]) -> Message | None:
    spec = KEYWORDS[function]
    if spec is None:
        return (None, texts[0], None) if texts[0] else None
    if isinstance(spec[0], tuple):
        context, singular = texts[0], texts[1]
        return (context, singular, texts[2] if len(spec) > 2 else None) if singular else None
    return (None, texts[0], texts[1]) if texts[0] else None


def _faults(catalogue: polib.POFile, found: dict[Message, str]) -> Iterator[str]:
    for (context, text, _plural), where in found.items():
        entry = catalogue.find(text, msgctxt=context or False)
        if entry is None or not entry.translated():
            yield f"{where}: no Hindi for {text!r}"
            continue
        for hindi in [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values():
            wanted, there = PLACEHOLDER.findall(text), PLACEHOLDER.findall(hindi)
            # A plural form may leave a number out; nothing may be added.
            if set(there) - set(wanted) if entry.msgid_plural else sorted(there) != sorted(wanted):
                yield f"{where}: placeholders differ in the Hindi of {text!r}"
            words = PLACEHOLDER.sub("", text)
            if WORD.search(words) and not DEVANAGARI.search(hindi) and text not in SAME:
                yield f"{where}: no Devanagari in the Hindi of {text!r}"


def _merge(catalogue: polib.POFile, found: dict[Message, str]) -> None:
    wanted = {(context, text) for context, text, _plural in found}
    for entry in [entry for entry in catalogue if (entry.msgctxt, entry.msgid) not in wanted]:
        catalogue.remove(entry)
    for (context, text, plural), where in found.items():
        entry = catalogue.find(text, msgctxt=context or False)
        if entry is None:
            entry = polib.POEntry(msgid=text, msgctxt=context)
            catalogue.append(entry)
        if plural and not entry.msgid_plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: entry.msgstr, 1: entry.msgstr}
            entry.msgstr = ""
        entry.occurrences = [(where, "")]
        entry.flags = ["python-format"] if "%(" in text else []
    catalogue.sort(key=lambda entry: (entry.msgid.casefold(), entry.msgctxt or ""))


def _compiled(catalogue: polib.POFile) -> bytes:
    return bytes(catalogue.to_binary())


def _new_catalogue() -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": "hi",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    return catalogue
