"""The second factor: an authenticator app that shows six digits, and recovery codes on paper."""

import math
from base64 import b32encode
from binascii import unhexlify
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp import verify_token
from django_otp.models import Device as Factor
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.models import User
from accounts.people import end_sessions
from core.devanagari import clean, plain_digits
from core.history import record
from core.refusals import Refusal

RECOVERY_CODES = 10


class WrongCode(Refusal):
    code = "wrong_code"
    status = 400
    sentence = _("This code is not right. Type the six digits that the app shows now.")


class TooManyCodes(Refusal):
    code = "too_many_codes"
    status = 429
    sentence = _("Too many wrong codes. Wait a little and try again.")


class SetUp(NamedTuple):
    """A second factor as it is handed over: the recovery codes are shown once."""

    factor: TOTPDevice
    recovery_codes: list[str]


def factor_of(user: User) -> TOTPDevice | None:
    """The authenticator app that someone has confirmed, if any."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def codes_left(user: User) -> int:
    """How many recovery codes someone has not used yet."""
    return StaticToken.objects.filter(device__user=user, device__confirmed=True).count()


def new_key() -> str:
    """A fresh secret for an authenticator app, in hexadecimal: 160 random bits (RFC 4226, section 4)."""
    return random_hex(20)


def key_in_words(key: str) -> str:
    """The secret as apps take it by hand: base 32 in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def key_address(user: User, key: str) -> str:
    """The secret as apps read it from a QR code (otpauth://)."""
    return TOTPDevice(user=user, key=key).config_url


@transaction.atomic
def set_up(*, user: User, key: str, code: str, by: User) -> SetUp:
    """Put an authenticator app into use once it shows the right code; it takes the place of an older one.

    Raises WrongCode.
    """
    User.objects.select_for_update().get(pk=user.pk)
    factor = TOTPDevice.objects.create(user=user, key=key, name="authenticator", confirmed=True)
    if not factor.verify_token(_typed(code)):
        raise WrongCode(field="code")
    TOTPDevice.objects.filter(user=user).exclude(pk=factor.pk).delete()
    return SetUp(factor, new_recovery_codes(user=user, by=by, why=gettext("second factor set up")))


@transaction.atomic
def new_recovery_codes(*, user: User, by: User, why: str) -> list[str]:
    """Ten codes that each work once; older ones end."""
    user = User.objects.select_for_update().get(pk=user.pk)
    StaticDevice.objects.filter(user=user).delete()
    paper = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=paper, token=code) for code in codes])
    record(user, by=by, why=why)
    return codes


@transaction.atomic
def remove(*, user: User, by: User, why: str) -> None:
    """Take the second factor and its recovery codes away; taken from someone else, it ends their sessions."""
    user = User.objects.select_for_update().get(pk=user.pk)
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    record(user, by=by, why=why)
    if user.pk != by.pk:
        end_sessions(user)


def prove(*, user: User, code: str, at: datetime) -> Factor:
    """The factor that `code` proves: the app for six digits, else the recovery codes. A code works once.

    Raises WrongCode, TooManyCodes: after each failure the wait doubles.
    """
    text = _typed(code)
    kind = TOTPDevice if len(text) == 6 and text.isdigit() else StaticDevice
    factor = kind.objects.filter(user=user, confirmed=True).first()
    if factor is None:
        raise WrongCode(field="code")
    allowed, pause = factor.verify_is_allowed()
    if not allowed:
        seconds = max(1, math.ceil((pause["locked_until"] - at).total_seconds()))
        raise TooManyCodes(
            ngettext(
                "Too many wrong codes. Wait %(seconds)d second and try again.",
                "Too many wrong codes. Wait %(seconds)d seconds and try again.",
                seconds,
            )
            % {"seconds": seconds},
            field="code",
            seconds=seconds,
        )
    proved = verify_token(user, factor.persistent_id, text)
    if proved is None:
        raise WrongCode(field="code")
    return proved


def _typed(code: str) -> str:
    return plain_digits(clean(code)).replace(" ", "").replace("-", "").casefold()
