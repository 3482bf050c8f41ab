"""Hostile and careless input at every address of the API: a problem that names the fault, never a crash."""

import json
import time
import uuid
from contextlib import suppress
from decimal import Decimal

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from accounts.models import AccessKey
from api.parsing import MAX_BYTES, MAX_DEPTH, strict_json
from config.wsgi import application
from tests.asking import API, faults_in, own_rows, problem_in, reads, writes

JSON = "application/json"
FORM = 'multipart/form-data; boundary="x"'

# What is sent -> the code that answers it.
BODIES = {
    "not JSON": (JSON, b'{"name_en": ', "malformed_json"),
    "NUL as an escape": (JSON, b'{"why": "a\\u0000b"}', "nul_character"),
    "NUL as a byte": (JSON, b'{"why": "a\x00b"}', "malformed_json"),
    "NUL in a name": (JSON, b'{"a\\u0000b": 1}', "nul_character"),
    "lone surrogate": (JSON, b'{"why": "\\ud800"}', "lone_surrogate"),
    "lone surrogate, deep": (JSON, b'{"why": [[{"a": "x\\udfff"}]]}', "lone_surrogate"),
    "arrays 100,000 deep": (JSON, b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    "objects 40,000 deep": (JSON, b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "too_deep"),
    "a number that overflows": (JSON, b'{"why": 1e400}', "number_too_long"),
    "a number that vanishes": (JSON, b'{"why": 1e-400}', "number_too_long"),
    "an integer of 400 digits": (JSON, b'{"why": ' + b"9" * 400 + b"}", "number_too_long"),
    "a fraction of 400 digits": (JSON, b'{"why": 0.' + b"9" * 400 + b"}", "number_too_long"),
    "NaN": (JSON, b'{"why": NaN}', "not_a_number"),
    "Infinity": (JSON, b'{"why": -Infinity}', "not_a_number"),
    "a name twice": (JSON, b'{"why": "a", "why": "b"}', "duplicate_name"),
    "UTF-16": (JSON, '{"why": "क"}'.encode("utf-16"), "wrong_charset"),
    "UTF-16 without a mark": (JSON, '{"why": "a"}'.encode("utf-16-le"), "malformed_json"),
    "Latin-1": (JSON, '{"why": "café"}'.encode("latin-1"), "wrong_charset"),
    "UTF-8 with a mark": (JSON, b'\xef\xbb\xbf{"why": "a"}', "malformed_json"),
    "an array for an object": (JSON, b"[]", "not_acceptable"),
    "a text for an object": (JSON, b'"text"', "not_acceptable"),
    "a number for an object": (JSON, b"7", "not_acceptable"),
    "null for an object": (JSON, b"null", "not_acceptable"),
    "an unknown member": (JSON, b'{"no_such_member": 1}', "not_acceptable"),
    "too large": (JSON, b'"' + b"a" * MAX_BYTES + b'"', "too_large"),
    "a web form": ("application/x-www-form-urlencoded", b"why=a", "unsupported_media_type"),
    "no type": ("", b'{"why": "a"}', "unsupported_media_type"),
    "XML": ("application/xml", b"<why/>", "unsupported_media_type"),
    "a form": (FORM, b"--x--\r\n", "unsupported_media_type"),
}  # fmt: skip


def part(name: str, value: bytes, more: bytes = b"") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"'.encode() + more
    return head + b"\r\n\r\n" + value + b"\r\n"


FORMS = {
    "without a boundary": ("multipart/form-data", b"--x\r\n", 400),
    "boundary of another": ("multipart/form-data; boundary=y", part("kind", b"pan") + b"--x--", 400),
    "cut off": (FORM, b'--x\r\nContent-Disposition: form-data; name="ki', 400),
    "NUL in a field": (FORM, part("number", b"a\x00b") + b"--x--\r\n", 400),
    "NUL in a name": (FORM, part("a\x00b", b"pan") + b"--x--\r\n", 400),
    "not UTF-8": (FORM, part("kind", b"\xff\xfe") + b"--x--\r\n", 400),
    "broken base64": (FORM, part("kind", b"!", b"\r\nContent-Transfer-Encoding: base64") + b"--x--\r\n", 400),
    "a file name in no encoding": (
        FORM, part("file", b"%PDF-", b"; filename*=bogus''%41") + b"--x--\r\n", 400,
    ),
    "a file name in a trick encoding": (
        FORM, part("file", b"%PDF-", b"; filename*=hex''%41") + b"--x--\r\n", 400,
    ),
    "a text for the file": (FORM, part("file", b"%PDF-") + b"--x--\r\n", 400),
    "2,000 fields": (FORM, part("kind", b"pan") * 2000 + b"--x--\r\n", 400),
    "200 files": (FORM, part("file", b"a", b'; filename="a.pdf"') * 200 + b"--x--\r\n", 400),
    "7 MB": (FORM, part("file", b"a" * 7_000_000, b'; filename="a.pdf"') + b"--x--\r\n", 413),
    "JSON": (JSON, b"{}", 415),
}  # fmt: skip

QUERIES = {
    "unknown": "no_such_filter=1",
    "unknown, by another name of the same": "FLOOR=1",
    "a format": "format=xml",
    "NUL": "q=a%00b",
    "not UTF-8": "no%ffsuch=1",
    "array": "q[]=1",
    "1,500 parameters": "&".join(f"a{n}=1" for n in range(1500)),
}


@pytest.fixture
def rows(chanderi, owner, kiosk, vacant_unit, administrator, person, today, now):
    return own_rows(
        tenant=chanderi, member=owner, unit=vacant_unit, person=person("koi-bhi"), device=kiosk,
        by=administrator, today=today, now=now,
    )  # fmt: skip


@pytest.fixture
def caller(api, administrator, no_throttle):
    return api(administrator)


def address(route, rows, administrator):
    """The route's address with rows that are there; the caller's own key where it asks for one of those."""
    if "me/keys" in route.pattern:
        key = AccessKey.objects.filter(user=administrator).first()
        return route.address({"pk": key.pk})
    return route.address(rows.values(route))


class TestBodies:
    @pytest.mark.parametrize("name", BODIES)
    def test_a_body_that_cannot_be_kept_is_refused_at_every_address(self, name, rows, caller, administrator):
        kind, body, code = BODIES[name]
        asked = 0
        for method, route in writes():
            if route.pattern.endswith(("papers/", "pictures/", "sheets/", "photos/")):
                continue  # takes a form: below
            answer = caller.generic(
                method, address(route, rows, administrator), body, content_type=kind,
                headers={"Idempotency-Key": str(uuid.uuid4())},
            )  # fmt: skip
            problem = problem_in(answer)
            assert 400 <= answer.status_code < 500, (method, route, answer.status_code)
            assert problem["code"] == code, (method, route, problem)
            asked += 1
        assert asked >= 30

    @pytest.mark.parametrize("name", FORMS)
    def test_a_form_that_cannot_be_kept_is_refused(self, name, rows, caller, chanderi):
        kind, body, status = FORMS[name]
        answer = caller.generic("POST", f"/api/v1/tenants/{chanderi.pk}/papers/", body, content_type=kind)
        problem_in(answer, status)
        assert chanderi.papers.count() == 1

    def test_nothing_is_read_into_a_refused_body(self, caller, chanderi):
        before = chanderi.history.count()
        caller.generic("PATCH", f"/api/v1/tenants/{chanderi.pk}/", b'{"address": "a\\u0000"}', content_type=JSON)
        chanderi.refresh_from_db()
        assert (chanderi.address, chanderi.history.count()) == ("", before)

    def test_an_entry_of_the_wrong_kind_is_named(self, caller):
        entry = {
            "name_en": ["a"], "name_hi": {"a": 1}, "kind": ["shg"], "home_state": {"a": 1}, "home_district": [23],
            "is_women_led": "perhaps", "products": {"a": 1}, "pan": 10**29, "why": "w" * 301,
        }  # fmt: skip
        answer = caller.post("/api/v1/tenants/", entry)
        assert faults_in(answer) == {
            "name_en": "invalid", "name_hi": "invalid", "kind": "invalid_choice", "home_state": "unknown",
            "home_district": "unknown", "is_women_led": "invalid", "products": "not_a_list",
            "why": "max_length",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "day", ["2026-02-30", "0001-01-01", "9999-12-31", "01/02/2026", 20260101, True, "१-१-२०२६"]
    )
    def test_a_day_that_is_none_or_out_of_range_is_refused(self, caller, vacant_unit, chanderi, day):
        entry = {"unit": vacant_unit.number, "tenant": chanderi.pk, "first": day, "last": day}
        assert set(faults_in(caller.post("/api/v1/leases/", entry))) == {"first", "last"}

    def test_a_period_that_ends_before_it_begins_is_refused(self, caller, vacant_unit, chanderi):
        entry = {"unit": vacant_unit.number, "tenant": chanderi.pk, "first": "2027-01-02", "last": "2027-01-01"}
        assert faults_in(caller.post("/api/v1/leases/", entry)) == {"last": "ends_too_early"}

    @pytest.mark.parametrize("number", ["NaN", "1e9", "0.001", "-1", 10**20, "", None, [], "1,000"])
    def test_an_area_that_is_none_is_refused(self, caller, vacant_unit, number):
        entry = {"carpet_area": number, "reason": "survey"}
        answer = caller.patch(f"/api/v1/units/{vacant_unit.number}/", entry)
        assert problem_in(answer, 400)["errors"]


class TestAddresses:
    @pytest.mark.parametrize("name", QUERIES)
    def test_a_query_that_an_address_does_not_know_is_refused_at_every_one(self, name, rows, caller, administrator):
        for route in reads():
            if route.pattern.endswith("docs/"):
                continue  # a page
            answer = caller.get(f"{address(route, rows, administrator)}?{QUERIES[name]}")
            problem = problem_in(answer, 400)
            assert problem["code"] in ("not_acceptable", "bad_request"), (route, problem)

    def test_an_unknown_filter_is_told_which_are_known(self, caller):
        answer = caller.get("/api/v1/floors/?flor=1")
        problem = problem_in(answer, 400)
        assert faults_in(answer) == {"flor": "unknown_filter"}
        assert "page, page_size" in problem["errors"][0]["detail"]

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("page_size=0", 400), ("page_size=-1", 400), ("page_size=101", 400), (f"page_size={10**9}", 400),
            ("page_size=1e2", 400), ("page_size=", 400), ("page_size=1&page_size=2", 400), ("page_size=१", 400),
            ("page=0", 400), ("page=-1", 400), ("page=last", 400), (f"page={10**30}", 400), ("page=1.0", 400),
            ("page=999999999", 404), ("ordering=no_such_field", 400), ("ordering=password", 400),
        ],
    )  # fmt: skip
    def test_every_list_is_bounded(self, query, status, rows, caller, administrator):
        lists = [route for route in reads() if getattr(getattr(route.callback, "cls", None), "lists", False)]
        assert len(lists) >= 20
        for route in lists:
            problem_in(caller.get(f"{address(route, rows, administrator)}?{query}"), status)

    @pytest.mark.parametrize(
        "query",
        [
            "units/?floor=x", "units/?floor=1e400", "units/?floor=99", f"units/?floor={10**30}", "units/?floor=NaN",
            "units/?status=sold", "units/?state=9999999", f"units/?district={'9' * 5000}", f"units/?q={'a' * 101}",
            "units/?zone=%F0%9F%92%A9", "leases/?active_on=yesterday", "leases/?active_on=2026-13-01",
            "leases/?active_on=01/02/2026", "leases/?tenant=0", f"leases/?tenant={10**25}", "leases/?tenant=x",
            "tenants/?is_women_led=maybe", "tenants/?is_women_led=True", "tenants/?trading=1", "tenants/?kind=ngo",
            "tax-codes/?on=2026-02-30", "tax-codes/?on=0000-00-00", "tax-codes/?scheme=usa", "people/?role=king",
            "odop-listings/?district=-1", "gi-registrations/?district=x",
        ],
    )  # fmt: skip
    def test_a_filter_with_a_value_that_makes_no_sense_is_refused(self, query, caller):
        assert len(faults_in(caller.get(f"/api/v1/{query}"))) == 1

    @pytest.mark.parametrize("wild", [10**30, "9" * 5000, "%00", "%ff", "a" * 3000, "..%2f..", "%F0%9F%92%A9", "-1"])
    def test_a_key_that_no_row_can_have_is_not_found(self, wild, caller):
        for route in API:
            if not route.keys:
                continue
            for method in route.policy.needs:
                answer = caller.generic(
                    method, route.address(dict.fromkeys(route.keys, wild)), b"{}", content_type=JSON
                )
                # An encoded slash or a sign makes it an address that nobody knows; a NUL is stopped at the gate.
                assert problem_in(answer)["status"] in (400, 404), (method, route)

    @pytest.mark.parametrize("charset", ["utf-16", "latin-1", "no-such", "क"])
    def test_a_body_that_is_declared_in_another_encoding_is_refused(self, charset, caller):
        answer = caller.generic("POST", "/api/v1/devices/", b"{}", content_type=f"{JSON}; charset={charset}")
        problem_in(answer, 400, "wrong_charset")

    @pytest.mark.parametrize("kind", ["charset=hex", "charset=rot13", "charset=undefined", "charset*=bogus''%41"])
    def test_an_encoding_that_is_none_does_not_break_the_server(self, kind, db):
        """Django reads the encoding before any view or middleware of ours: the way in must see to it."""
        said = []
        environ = RequestFactory().post("/api/v1/devices/?a=%C3%A9", b"{}", content_type=JSON).environ
        application(environ | {"CONTENT_TYPE": f"{JSON}; {kind}"}, lambda status, headers: said.append(status))
        assert said[0].startswith("4")


class TestHeaders:
    @pytest.mark.parametrize(
        ("header", "value", "status"),
        [
            ("Authorization", "Bearer", 401), ("Authorization", "Bearer \x00", 401),
            ("Authorization", "Bearer a.b", 401),
            ("Authorization", "bearer é.é", 401),
            ("Authorization", "Bearer " + "a" * 9000, 401),
            ("Authorization", "Basic YTpi", 401), ("Accept", "application/xml", 406), ("Accept", "\x00;;;", 406),
            ("Accept", "application/json; q*=bogus''%41", 406),
        ],
    )  # fmt: skip
    def test_a_header_that_makes_no_sense_is_refused(self, header, value, status, client, db):
        answer = client.get("/api/v1/tenants/", headers={header: value})
        problem_in(answer, status)
        if status == 401:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Unity Mall"'

    @pytest.mark.parametrize("key", ["", "a" * 201, "with space", "कुंजी", "a\x00b"])
    def test_an_idempotency_key_is_short_and_visible(self, key, caller):
        answer = caller.post("/api/v1/devices/", {"kind": "kiosk", "name": "K9"}, headers={"Idempotency-Key": key})
        problem_in(answer, 400, "bad_idempotency_key")

    @pytest.mark.parametrize("etag", ["\x00", '"', "W/", "*,", '"a' * 500])
    def test_conditions_that_make_no_sense_are_no_crash(self, etag, caller, chanderi):
        assert caller.get("/api/v1/states/", headers={"If-None-Match": etag}).status_code == 200
        answer = caller.patch(f"/api/v1/tenants/{chanderi.pk}/", {"address": "a"}, headers={"If-Match": etag})
        problem_in(answer, 412, "changed_meanwhile")

    def test_a_cookie_with_a_nul_is_no_crash(self, client, db):
        client.cookies.load({"sessionid": "x"})
        answer = client.get("/api/v1/tenants/", headers={"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"'})
        assert answer.status_code in (400, 401)


class TestStrictJson:
    """The reader itself, without HTTP."""

    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(10**28), 10**29)
        | st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=20)
    )
    values = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(
            st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=5), inner, max_size=4),
        max_leaves=20,
    )  # fmt: skip

    @given(values)
    def test_what_can_be_kept_is_read_as_it_was_written(self, value):
        assert strict_json(json.dumps(value)) == value

    @given(st.text(max_size=200) | st.text('[]{}",:\\u0018d \n', max_size=200))
    def test_any_text_is_read_or_refused(self, text):
        with suppress(ParseError):
            assert strict_json(text) == json.loads(text, parse_float=Decimal)

    def test_the_deepest_that_is_read(self):
        assert strict_json("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
        with pytest.raises(ParseError) as refusal:
            strict_json("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
        assert refusal.value.get_codes() == "too_deep"

    def test_brackets_inside_a_text_are_not_depth(self):
        assert strict_json(json.dumps('["' + "[" * 1000)) == '["' + "[" * 1000

    @pytest.mark.parametrize("text", ['"' + '\\"' * 120_000, '"' + "\\" * 240_000, "\\" * 250_000, '"' * 250_000])
    def test_the_worst_text_is_refused_within_a_second(self, text):
        began = time.monotonic()
        with pytest.raises(ParseError):
            strict_json(text)
        assert time.monotonic() - began < 1
