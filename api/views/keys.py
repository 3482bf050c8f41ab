"""What keys have in common, whoever holds them: a person here, a device there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.roles import Right
from api.fields import Entry
from api.shapes import Shape
from core.refusals import Refusal


class KeyTooNarrow(Refusal):
    """A key may not make a wider one than itself."""

    code = "key_too_narrow"
    status = 403
    sentence = _("Your key is limited. It can make only keys that are limited to the same rights or fewer.")


class KeyShape(Shape):
    id = serializers.IntegerField()
    prefix = serializers.CharField(help_text="The key begins with this.")
    label = serializers.CharField()  # type: ignore[assignment]
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Empty: all rights of the holder.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewKeyShape(Shape):
    key = KeyShape()
    text = serializers.CharField(allow_null=True, help_text="The key itself, shown this once. Null in a replay.")


class KeyEntry(Entry):
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]
    scopes = serializers.ListField(
        child=serializers.ChoiceField([(right.value, right.value) for right in Right]),
        max_length=len(Right),
        required=False,
        default=list,
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and not timezone.now() < moment < timezone.now() + timedelta(days=3660):
            raise serializers.ValidationError(_("Must lie in the next ten years."), "out_of_range")
        return moment


class RotateEntry(Entry):
    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=168,
        required=False,
        default=24,
        help_text="How long the old key goes on.",
    )


def refuse_wider(actor: Any, scopes: Sequence[str]) -> None:
    """Raise KeyTooNarrow where a limited key would make one that opens more."""
    own = set(getattr(actor, "key_scopes", ()))
    if own and not (scopes and set(scopes) <= own):
        raise KeyTooNarrow
