"""The description of the API: complete, valid, and readable without internet."""

import json
import re
from io import StringIO

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from accounts.policy import Everyone
from tests.asking import API


@pytest.fixture
def description(client, db):
    return client.get("/api/v1/schema/").json()


def operations(description):
    return [
        (path, method.upper(), operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]


def test_the_description_is_valid_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null", stderr=StringIO())


def test_every_address_and_method_is_described_with_its_policy(description):
    described = {
        (re.sub(r"\{[^}]+\}", "{}", path), method): operation["x-policy"]
        for path, method, operation in operations(description)
    }
    declared = {
        (re.sub(r"<[^>]+>", "{}", f"/{route.pattern}"), method): need.value
        for route in API
        if route.pattern not in ("api/v1/schema/", "api/v1/docs/")
        for method, need in route.policy.needs.items()
    }
    assert described == declared


def test_every_operation_says_what_goes_wrong_and_how_it_is_told(description):
    for path, method, operation in operations(description):
        assert operation["summary"], path
        problems = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"400", "429"} <= set(problems), (path, method)
        if operation["x-policy"] != Everyone.PUBLIC.value:
            assert {"401", "403"} <= set(problems), (path, method)
        for answer in problems.values():
            assert set(answer["content"]) == {"application/problem+json"}
            assert answer["content"]["application/problem+json"]["example"]["code"]
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        if method in ("POST", "PATCH", "DELETE"):
            assert "Idempotency-Key" in names, (path, method)


def test_every_filter_is_described(description):
    for route in API:
        view = getattr(route.callback, "cls", None)
        if not getattr(view, "lists", False):
            continue
        path = re.sub(r"<\w+:(\w+)>", lambda key: "{" + {"pk": "id"}.get(key[1], key[1]) + "}", f"/{route.pattern}")
        names = {parameter["name"] for parameter in description["paths"][path]["get"]["parameters"]}
        assert {"page", "page_size"} <= names
        assert set(view.filterset_class.base_filters if view.filterset_class else {}) <= names


def test_the_description_names_no_secret_and_no_model_detail(description):
    text = json.dumps(description)
    for word in ("secret_hash", "session_epoch", "password_hash", "request_digest"):
        assert word not in text


def test_the_page_refers_to_nothing_but_our_own_files(client, db):
    page = client.get("/api/v1/docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', text)
    assert any("swagger-ui-bundle" in name for name in files)
    missing = [name for name in files if not name.startswith("vendor/") and finders.find(name) is None]
    assert missing == []


def test_the_page_is_there_in_both_languages(client, db):
    for language in ("en", "hi"):
        page = client.get("/api/v1/docs/", headers={"Accept-Language": language})
        assert f'<html lang="{language}">' in page.content.decode()
