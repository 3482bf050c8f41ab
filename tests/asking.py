"""How tests ask the API: what a problem looks like, and every address with rows that are there."""

from typing import Any

from tests.walking import OURS, Belongings, Route, belongings, shared_rows

API = [route for route in OURS if route.is_api]


def problem_in(answer: Any, status: int | None = None, code: str | None = None) -> dict[str, Any]:
    """The problem that an answer holds, its shape checked."""
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json", (answer.status_code, body)
    assert set(body) <= {"type", "title", "status", "code", "detail", "errors", "details"}
    assert set(body) >= {"type", "title", "status", "code", "detail"}
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:unity-mall:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    for fault in body.get("errors", []):
        assert set(fault) == {"field", "code", "detail"}
        assert fault["detail"]
    if status is not None:
        assert answer.status_code == status, body
    if code is not None:
        assert body["code"] == code, body
    return body


def faults_in(answer: Any, status: int = 400) -> dict[str, str]:
    """The wrong inputs that a problem names: field -> code."""
    return {fault["field"]: fault["code"] for fault in problem_in(answer, status)["errors"]}


def own_rows(
    *, tenant: Any, member: Any, unit: Any, person: Any, device: Any, by: Any, today: Any, now: Any
) -> Belongings:
    """One of everything that an address may name, all of it there."""
    shared = shared_rows(unit=unit, person=person, device=device, by=by, today=today)
    words = shared | {"tenant": tenant, "member": member, "unit": unit, "by": by, "today": today, "now": now}
    return belongings(mark="apna", **words)


def writes() -> list[tuple[str, Route]]:
    """Every method of the API that takes a body, with its route."""
    return [
        (method, route)
        for route in API
        for method in ("POST", "PUT", "PATCH", "DELETE")
        if route.policy and route.policy.need(method) is not None
    ]


def reads() -> list[Route]:
    return [route for route in API if route.policy and route.policy.need("GET") is not None]
