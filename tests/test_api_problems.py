"""One shape for what went wrong, in the reader's language, with codes that do not change."""

import re

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext

from api.problems import CONSTRAINTS, SENTENCES, TITLES, handle, plain, problem
from core.refusals import Refusal
from tests.asking import API, problem_in, writes

DEVANAGARI = re.compile("[\u0900-\u097f]")


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_problem_speaks_the_readers_language_and_its_code_stays(language, api, owner, chanderi):
    headers = {"Accept-Language": language}
    answers = {
        "not_authenticated": api().get("/api/v1/tenants/", headers=headers),
        "permission_denied": api(owner).get("/api/v1/people/", headers=headers),
        "not_found": api(owner).get("/api/v1/tenants/2000000000/", headers=headers),
        "method_not_allowed": api(owner).put("/api/v1/tenants/", {}, headers=headers),
        "malformed_json": api(owner).generic(
            "PATCH", f"/api/v1/tenants/{chanderi.pk}/", b"{", content_type="application/json", headers=headers
        ),
        "not_acceptable": api(owner).get("/api/v1/tenants/?flor=1", headers=headers),
    }
    for code, answer in answers.items():
        body = problem_in(answer, code=code)
        assert answer.headers["Content-Language"] == language
        sentences = [body["title"], body["detail"], *(fault["detail"] for fault in body.get("errors", []))]
        for sentence in sentences:
            assert bool(DEVANAGARI.search(sentence)) == (language == "hi"), sentence


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_sentences_of_wrong_fields_are_in_the_readers_language(language, api, administrator):
    entry = {"name_en": "", "name_hi": None, "kind": "ngo", "is_women_led": "x", "pan": "x" * 99, "home_district": 0}
    body = problem_in(api(administrator).post("/api/v1/tenants/", entry, headers={"Accept-Language": language}), 400)
    assert {fault["field"]: fault["code"] for fault in body["errors"]} == {
        "name_en": "blank", "name_hi": "null", "kind": "invalid_choice", "is_women_led": "invalid",
        "pan": "max_length", "home_district": "unknown", "home_state": "required",
    }  # fmt: skip
    for fault in body["errors"]:
        assert bool(DEVANAGARI.search(fault["detail"])) == (language == "hi"), fault


def test_every_sentence_that_an_entry_may_answer_with_has_its_hindi():
    """The library's own sentences too: it ships none in Hindi."""
    english = set()
    for _method, route in writes():
        for field in route.callback.cls.asks[_method]().fields.values():
            for part in (field, getattr(field, "child", field)):
                english |= {str(sentence) for sentence in part.error_messages.values()}
    assert len(english) > 20
    with translation.override("hi"):
        assert [sentence for sentence in sorted(english) if not DEVANAGARI.search(gettext(sentence))] == []


@pytest.mark.parametrize(
    "query",
    ["units/?status=sold", "units/?state=9999", "leases/?active_on=x", f"units/?q={'a' * 101}", "people/?role=x"],
)
def test_the_sentences_of_wrong_filters_are_in_hindi(query, api, administrator):
    body = problem_in(api(administrator).get(f"/api/v1/{query}", headers={"Accept-Language": "hi"}), 400)
    assert DEVANAGARI.search(body["errors"][0]["detail"]), body


def test_an_address_that_nobody_knows_is_the_same_problem(client, db):
    problem_in(client.get("/api/v1/no-such-thing/"), 404, "not_found")
    problem_in(client.get("/api/v2/"), 404, "not_found")


def test_a_method_that_an_address_does_not_know_names_those_it_does(api, administrator, chanderi):
    answer = api(administrator).delete(f"/api/v1/tenants/{chanderi.pk}/")
    problem_in(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, PATCH, HEAD, OPTIONS"
    answer = api(administrator).options(f"/api/v1/tenants/{chanderi.pk}/")
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "GET, PATCH, HEAD, OPTIONS")


def test_a_database_that_does_not_answer_is_503_and_says_when_to_ask_again():
    answer = handle(OperationalError("server closed the connection"), {})
    assert (answer.status_code, answer.data["code"], answer.headers["Retry-After"]) == (503, "not_available", "2")
    assert "server closed" not in str(answer.data)


def test_a_fault_of_ours_is_not_dressed_up():
    assert handle(ValueError("a bug"), {}) is None
    assert plain(RequestFactory().get("/api/v1/"), 500).status_code == 500


def test_every_refusal_of_the_house_has_a_code_and_a_status_that_problems_know():
    import api.urls  # noqa: F401 - so that every module that refuses has been read

    refusals = _all(Refusal)
    assert len(refusals) > 25
    codes = [refusal.code for refusal in refusals]
    assert len(set(codes)) == len(codes)
    for refusal in refusals:
        assert refusal.status in TITLES, refusal
        with translation.override("en"):
            assert str(refusal.sentence)


def test_every_constraint_with_a_sentence_exists():
    from django.apps import apps

    known = {constraint.name for model in apps.get_models() for constraint in model._meta.constraints}
    assert set(CONSTRAINTS) <= known


def test_a_problem_without_a_sentence_of_its_own_still_says_something():
    assert problem(400, "no_such_code")["detail"] == str(SENTENCES["bad_request"])


def test_every_endpoint_declares_what_it_asks_and_answers():
    for route in API:
        view = getattr(route.callback, "cls", None)
        if view is None or not view.answers:
            continue
        for method in route.policy.needs:
            assert method in view.answers, (route, method)
            assert method == "GET" or method in view.asks, (route, method)
            assert hasattr(view, method.lower()), (route, method)
        handlers = {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
        assert handlers == set(route.policy.needs), route


def _all(kind):
    found = set()
    for child in kind.__subclasses__():
        found |= {child} | _all(child)
    return {refusal for refusal in found if not refusal.__module__.startswith("test")}
