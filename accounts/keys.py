"""Keys to the API: made, rotated with overlap, revoked."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessKey, Device, User
from accounts.roles import Right
from core.history import record
from core.refusals import Refusal

PREFIX_LENGTH = 12
USE_IS_NOTED_EVERY = timedelta(minutes=5)


class KeyNotUsable(Refusal):
    code = "key_not_usable"
    sentence = _("This key has ended or was revoked. Make a new one.")


class UnknownScope(Refusal):
    code = "unknown_scope"
    status = 400
    sentence = _("A key can only be limited to rights that exist.")


class NewKey(NamedTuple):
    """A key as it is handed over: `text` is shown once and stored nowhere."""

    key: AccessKey
    text: str


def issue_key(
    *,
    holder: User | Device,
    label: str,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
    by: User | None = None,
) -> NewKey:
    """Make a key for a person or a device. `text` is "<prefix>.<secret>", 256 random bits.

    `by` is who made it; left out, the person makes it for themselves.

    Raises UnknownScope.
    """
    if unknown := set(scopes) - {right.value for right in Right}:
        raise UnknownScope(field="scopes", unknown=sorted(unknown))
    prefix = secrets.token_hex(PREFIX_LENGTH // 2)
    secret = secrets.token_urlsafe(32)
    key = AccessKey(
        user=holder if isinstance(holder, User) else None,
        device=holder if isinstance(holder, Device) else None,
        epoch=holder.session_epoch if isinstance(holder, User) else 0,
        label=label,
        prefix=prefix,
        secret_hash=sha256(secret.encode()).hexdigest(),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    record(key, by=by or key.user)
    return NewKey(key, f"{prefix}.{secret}")


@transaction.atomic
def rotate_key(*, key: AccessKey, at: datetime, overlap: timedelta, by: User) -> NewKey:
    """Make a successor with the same holder, label and scopes; the old key goes on for `overlap`.

    Raises KeyNotUsable.
    """
    old = AccessKey.objects.usable_at(at).select_for_update(of=("self",)).filter(pk=key.pk).first()
    if old is None:
        raise KeyNotUsable
    end = at + overlap
    # The successor lives as long again as the old key was meant to.
    lifetime = old.expires_at - old.created_at if old.expires_at else None
    old.expires_at = min(end, old.expires_at) if old.expires_at else end
    record(old, by=by)
    expires_at = at + lifetime if lifetime else None
    return issue_key(holder=old.holder, label=old.label, scopes=old.scopes, expires_at=expires_at, by=by)


@transaction.atomic
def revoke_key(*, key: AccessKey, at: datetime, by: User) -> None:
    """End a key now. Revoking twice is revoking once."""
    key = AccessKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = at
        record(key, by=by)


# Everything that the gate asks of a key, in one round trip. Written by hand: this is asked at every request of a key.
HOLDER = """
SELECT k.id, k.label, k.prefix, k.secret_hash, k.scopes, k.epoch, k.created_at, k.expires_at, k.last_used_at,
    u.id, u.username, u.full_name, u.language, u.session_epoch,
    ARRAY(SELECT g.role FROM accounts_rolegrant g WHERE g.user_id = u.id),
    d.id, d.kind, d.name{more}
FROM accounts_accesskey k
LEFT JOIN accounts_user u ON u.id = k.user_id
LEFT JOIN accounts_device d ON d.id = k.device_id
WHERE k.prefix = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %s)
    AND coalesce(u.is_active, d.is_active)
"""


def holder_of(*, text: str, at: datetime, more: str = "") -> AccessKey | None:
    """The usable key that `text` opens, with its holder and their roles loaded; None where there is none. One query.

    `more` is an expression of a floor above about person `u`, kept as the person's `_more`. The use is noted at most
    every five minutes, so that reading does not write.
    """
    prefix, _dot, secret = text.partition(".")
    with connection.cursor() as cursor:
        cursor.execute(HOLDER.format(more=f", {more}" if more else ""), [prefix, at])
        row = cursor.fetchone()
    if row is None:
        return None
    key = _key(row)
    if not key.opens_with(secret) or (key.user is not None and key.epoch != key.user.session_epoch):
        return None
    if key.last_used_at is None or at - key.last_used_at > USE_IS_NOTED_EVERY:
        AccessKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _key(row: tuple[Any, ...]) -> AccessKey:
    """The row of HOLDER as the things it is about. What was not asked for is fetched if anyone reads it."""
    user = device = None
    if row[9] is not None:
        names = ("id", "username", "full_name", "language", "session_epoch")
        user = _loaded(User, is_active=True, **dict(zip(names, row[9:14], strict=True)))
        user.__dict__ |= {"staff_roles": frozenset(row[14]), "_more": row[18] if len(row) > 18 else None}
    else:
        device = _loaded(Device, is_active=True, **dict(zip(("id", "kind", "name"), row[15:18], strict=True)))
    own = ("id", "label", "prefix", "secret_hash", "scopes", "epoch", "created_at", "expires_at", "last_used_at")
    key = _loaded(AccessKey, **dict(zip(own, row[:9], strict=True)))
    if isinstance(key.scopes, str):
        key.scopes = json.loads(key.scopes)
    key.user, key.device = user, device
    return key


def _loaded(model: Any, **values: Any) -> Any:
    """A row with only these fields loaded, as a query with `only()` would give it."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(None, names, [values[name] for name in names])
