"""The OpenAPI description, made from what the views declare: shapes, filters, policies, problems."""

import re
from typing import Any

import django_filters
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from accounts.policy import Everyone
from api.idempotency import METHODS, REPLAYED
from api.pagination import LARGEST, Pages
from api.problems import MEDIA_TYPE, SENTENCES, TITLES, problem

TAGS = {
    "states": "country", "districts": "country", "divisions": "country", "odop-lists": "country",
    "odop-listings": "country", "gi-registrations": "country", "tax-codes": "country",
    "floors": "building", "zones": "building", "entrances": "building", "unit-categories": "building",
    "units": "building", "blocks": "building",
    "papers": "tenants", "gi-authorisations": "tenants", "members": "tenants", "invitations": "tenants",
}  # fmt: skip
# The code that stands as the example of each status.
CODES = {
    400: "not_acceptable", 401: "not_authenticated", 403: "permission_denied", 404: "not_found",
    409: "still_in_use", 412: "changed_meanwhile", 413: "too_large", 415: "unsupported_media_type",
    422: "key_reused", 429: "throttled",
}  # fmt: skip
VERBS = {"GET": "read", "POST": "write", "PUT": "set", "PATCH": "change", "DELETE": "remove"}


class FaultShape(serializers.Serializer[Any]):
    """One wrong input."""

    field = serializers.CharField(help_text="Dotted path of the input; empty for the whole.")
    code = serializers.CharField()
    detail = serializers.CharField()


KEYED = (
    "The same write sent twice with one key happens once; a repeated answer carries "
    f"{REPLAYED}: true. Make a new key for each write."
)
UNKEYED = "Without a key each request is a write of its own."


class ProblemShape(serializers.Serializer[Any]):
    """RFC 9457 problem details. `code` is stable; `title` and `detail` are in the reader's language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FaultShape(many=True, required=False)  # type: ignore[assignment]
    details = serializers.DictField(required=False, help_text="What a refusal says beyond its sentence.")


class MallSchema(AutoSchema):
    """Describes an `api.views.base.Endpoint`."""

    view: Any

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "answers")

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """DRF-spectacular's, with an example of what to send and of each kind of problem."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        if sent := self.view.examples.get(self.method):
            for content in operation["requestBody"]["content"].values():
                content["example"] = sent
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                code = CODES[int(status)]
                response["content"][MEDIA_TYPE]["example"] = problem(int(status), code, SENTENCES.get(code, ""))
        return operation

    def get_operation_id(self) -> str:
        """`tenants_papers_list`; an address of one row ends in its noun: `tenant_read` would need grammar."""
        steps = [step.strip("{}").replace("-", "_") for step in self._steps()]
        return "_".join([*steps, "list" if self._is_list_view() else VERBS[self.method]])

    def get_tags(self) -> list[str]:
        first = self._steps()[0]
        return [TAGS.get(first, first)]

    def get_summary(self) -> str:
        """What the handler says of itself, else what the view says."""
        return re.split(r"[;.\n]", self.get_description())[0]

    def get_extensions(self) -> dict[str, Any]:
        need = self.view.policy.need(self.method)
        return {"x-policy": need.value if need is not None else "nobody"}

    def get_auth(self) -> list[dict[str, Any]]:
        if self.view.policy.need(self.method) is Everyone.PUBLIC:
            super().get_auth()  # registers the schemes
            return [{}]
        return super().get_auth()

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return re.sub("(Shape|Entry)$", "", super().get_serializer_name(serializer, direction))

    def get_request_serializer(self) -> Any:
        return self.view.asks.get(self.method)

    def get_response_serializers(self) -> Any:
        shape = self.view.answers.get(self.method)
        status = 204 if shape is None else 201 if self.view.creates and self.method == "POST" else 200
        media_type = getattr(self.view, "answers_files", None)
        answer: Any = OpenApiResponse(shape, description="Done.")
        responses: dict[Any, Any] = (
            {(status, media_type): {"type": "string", "format": "binary"}} if media_type else {status: answer}
        )
        for code in self._problem_statuses():
            responses[(code, MEDIA_TYPE)] = OpenApiResponse(ProblemShape, description=str(TITLES[code]))
        return responses

    def _problem_statuses(self) -> list[int]:
        statuses = {400, 429}
        if self.view.policy.need(self.method) is not Everyone.PUBLIC:
            statuses |= {401, 403}
        if "{" in self.path or self._is_list_view():
            statuses.add(404)
        if self.method != "GET":
            statuses |= {409, 413, 415, 422}
        if self.method == "PATCH":
            statuses.add(412)
        return sorted(statuses)

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = [
            OpenApiParameter(name, dict(schema), description=schema.get("description", ""))
            for name, schema in self.view.parameters.items()
        ]
        if self._is_list_view():
            parameters += [
                OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
                OpenApiParameter(
                    "page_size",
                    {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": Pages.page_size},
                ),
                *self._filters(),
            ]
        if self.method in METHODS:
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=self.view.needs_key,
                    description=KEYED if self.view.needs_key else f"Optional. {KEYED} {UNKEYED}",
                )
            )
        return parameters

    def _filters(self) -> list[OpenApiParameter]:
        filters = self.view.filterset_class.base_filters if self.view.filterset_class else {}
        found = [
            OpenApiParameter(name, _schema_of(item), description=str(item.label or ""))
            for name, item in filters.items()
        ]
        if fields := self.view.ordering_fields:
            found.append(
                OpenApiParameter("ordering", str, description=f"Of {', '.join(fields)}; a minus sign turns it round.")
            )
        return found

    def _get_filter_parameters(self) -> list[Any]:
        return []

    def _get_pagination_parameters(self) -> list[Any]:
        return []

    def _get_paginator(self) -> Any:
        return Pages()

    def _is_list_view(self, serializer: Any = None) -> bool:
        return bool(self.view.lists and self.method == "GET")

    def _steps(self) -> list[str]:
        return [step for step in self.path.removeprefix("/api/v1/").split("/") if step]


def _schema_of(item: django_filters.Filter) -> dict[str, Any]:
    if isinstance(item, django_filters.DateFilter):
        return {"type": "string", "format": "date"}
    if choices := item.extra.get("choices"):
        return {"type": "string", "enum": [str(value) for value, _label in choices]}
    if isinstance(item, django_filters.ModelChoiceFilter):
        return {"type": "integer" if item.extra.get("to_field_name") in ("lgd_code", "level", "pk") else "string"}
    return {"type": "string", "maxLength": item.extra["max_length"]}
