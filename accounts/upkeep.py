"""People keep their own account: name, ways to reach them, language, password."""

from django.db import transaction

from accounts.models import User
from core.devanagari import clean
from core.history import record
from core.wording import checked


@transaction.atomic
def change_particulars(*, user: User, full_name: str, email: str, mobile: str, language: str, by: User) -> User:
    """Change how someone is called and reached; the sign-in name stays. Raises NotAcceptable."""
    user = _locked(user)
    user.full_name, user.email = clean(full_name), clean(email).casefold()
    user.mobile, user.language = clean(mobile), language
    return record(checked(user, exclude=("password",)), by=by)


def choose_language(*, user: User, language: str) -> None:
    """Remember the language someone last chose. Not a change that anyone asks about later: no history."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def set_password(*, user: User, password: str, by: User, why: str) -> User:
    """Give someone another password. Ends every session that began with the old one."""
    user = _locked(user)
    user.set_password(password)
    return record(user, by=by, why=why)


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)
