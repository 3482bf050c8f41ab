"""Requests that carry a key come in by the short way (config/key_door.py) and are answered as by the long one."""

import json
from collections.abc import Iterator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from accounts.keys import issue_key
from config import key_door

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors() -> Iterator[tuple[WSGIHandler, WSGIHandler]]:
    # As the test client does: a request must not end the connection that the test's transaction lives on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield key_door.KeyDoor(), WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(door, path, key=None, method="GET", **headers):
    environ = RequestFactory().generic(method, path, data=b"{}", content_type="application/json").environ
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    if key:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    said = {}
    answer = door(environ, lambda status, head, _exc=None: said.update(status=int(status[:3]), head=dict(head)))
    body = b"".join(answer)
    return said["status"], said["head"], body


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/me/", "/api/v1/tenants/", "/api/v1/tenants/2000000007/", "/api/v1/nothing/", "/api/v1/states/",
        "/api/v1/inventory/products/?page=x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["hi", "en"])
def test_both_ways_give_the_same_answer(path, language, doors, owner, no_throttle):
    key = issue_key(holder=owner, label="k").text
    answers = [ask(door, path, key, accept_language=language) for door in doors]
    (short_status, short_head, short_body), (long_status, long_head, long_body) = answers
    assert (short_status, short_body) == (long_status, long_body)
    security = {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"}
    for name in security | {"Content-Type", "Content-Language", "Cache-Control", "Allow"}:
        assert short_head.get(name) == long_head.get(name), name


def test_a_wrong_key_is_told_so_and_a_write_needs_no_token(doors, owner, no_throttle):
    short, _long = doors
    status, _head, body = ask(short, "/api/v1/me/", "0" * 12 + "." + "x" * 43)
    assert (status, json.loads(body)["code"]) == (401, "authentication_failed")
    key = issue_key(holder=owner, label="k").text
    status, _head, body = ask(short, "/api/v1/inventory/movements/", key, "POST")
    assert (status, json.loads(body)["code"]) == (400, "idempotency_key_missing")


def test_pages_of_people_are_not_behind_this_door(doors, administrator, no_throttle):
    short, _long = doors
    key = issue_key(holder=administrator, label="k").text
    for page in ("/units/", "/account/", "/repair/", "/people/"):
        assert ask(short, page, key)[0] == 404


def test_only_the_api_with_a_key_comes_this_way():
    assert key_door.is_for({"HTTP_AUTHORIZATION": "Bearer x", "PATH_INFO": "/api/v1/me/"})
    assert key_door.is_for({"HTTP_AUTHORIZATION": "bearer x", "PATH_INFO": "/api/v1/me/"})
    assert not key_door.is_for({"HTTP_AUTHORIZATION": "Bearer x", "PATH_INFO": "/units/"})
    assert not key_door.is_for({"HTTP_AUTHORIZATION": "Basic x", "PATH_INFO": "/api/v1/me/"})
    assert not key_door.is_for({"PATH_INFO": "/api/v1/me/"})
