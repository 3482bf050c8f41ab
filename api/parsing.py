"""Bodies, read strictly: what no field could ever hold is refused here, once, for every address.

UTF-8 only, bounded in size, depth and length of numbers; no NaN, no duplicate names, no NUL, no lone
surrogates. The depth is counted before anything recurses.
"""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.utils.mediatypes import _MediaType

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 30
UTF_8 = ("utf-8", "utf8")
# A file and the few fields beside it.
MAX_FORM_BYTES = settings.PAPER_MAX_BYTES + 64 * 1024

MARKS = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


class TooLarge(APIException):
    """The body is larger than this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, and no more of it than a request of ours can need."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        if media_type and _MediaType(media_type).params.get("charset", "utf-8").lower() not in UTF_8:
            raise ParseError(_("The body is not UTF-8."), "wrong_charset")
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        return strict_json(_decoded(body))


class StrictFormParser(MultiPartParser):
    """multipart/form-data for addresses that take a file."""

    most_bytes = MAX_FORM_BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles:
        if int(stream.META.get("CONTENT_LENGTH") or 0) > self.most_bytes:
            raise TooLarge
        try:
            form = super().parse(stream, media_type, parser_context)
        except (ValueError, LookupError, ParseError) as wrong:  # a part whose header or encoding cannot be read
            raise ParseError(_("The form cannot be read."), "malformed_form") from wrong
        refuse_unkeepable(text for name, values in form.data.lists() for text in (name, *values))
        return form


def strict_json(text: str) -> Any:
    """What `text` says, with decimals kept exact. Raises ParseError with a code that names the fault."""
    _refuse_deep(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as wrong:
        raise ParseError(_("The body is not JSON."), "malformed_json") from wrong
    refuse_unkeepable(_texts(value))
    return value


def refuse_unkeepable(texts: Iterable[str]) -> None:
    """Raise ParseError where a text holds a NUL character or half of a surrogate pair."""
    for text in texts:
        if "\x00" in text:
            raise ParseError(_("A text holds a NUL character."), "nul_character")
        try:
            text.encode()
        except UnicodeEncodeError as wrong:
            raise ParseError(_("A text holds half of a character."), "lone_surrogate") from wrong


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise ParseError(_("The body is not UTF-8."), "wrong_charset") from wrong


def _refuse_deep(text: str) -> None:
    depth, in_text = 0, False
    for found in MARKS.finditer(text):
        mark = found[0]
        if mark == '"':
            in_text = not in_text
        elif not in_text and mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(_("The body is nested too deeply."), "too_deep")
        elif not in_text and mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ParseError(_("An object names a member twice."), "duplicate_name")
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ParseError(_("A number is too long."), "number_too_long")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    number = Decimal(digits) if len(digits) <= MAX_DIGITS else None
    if number is None or abs(number.adjusted()) > MAX_DIGITS:
        raise ParseError(_("A number is too long."), "number_too_long")
    return number


def _no_number(name: str) -> Any:
    raise ParseError(_("NaN and Infinity are not numbers here."), "not_a_number")


def _texts(value: Any) -> Iterable[str]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            yield from part.keys()
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
