"""A link with which someone sets a password: signed, for three days, dead after the next sign-in or password."""

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.history import record
from core.refusals import Refusal


class PasswordLinkEnded(Refusal):
    code = "password_link_ended"
    status = 404
    sentence = _("This link has ended or was already used. Ask for a new one.")


def link_token(user: User) -> str:
    """The secret part of the link. It is stored nowhere."""
    return f"{urlsafe_base64_encode(str(user.pk).encode())}.{default_token_generator.make_token(user)}"


def person_of_link(token: str) -> User:
    """Whose password the link sets. Raises PasswordLinkEnded."""
    key, _dot, secret = token.partition(".")
    try:
        user = User.objects.get(pk=int(urlsafe_base64_decode(key)), is_active=True)
    except (ValueError, OverflowError, User.DoesNotExist) as wrong:
        raise PasswordLinkEnded from wrong
    if not default_token_generator.check_token(user, secret):
        raise PasswordLinkEnded
    return user


@transaction.atomic
def make_link_for(*, user: User, by: User, why: str) -> str:
    """The token of a link that `by` hands over, because no mail reaches the person. Who made it is kept."""
    user = User.objects.select_for_update().get(pk=user.pk)
    record(user, by=by, why=why)
    return link_token(user)
