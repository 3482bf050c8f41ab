"""Someone begins to work for the mall."""

from django.db import transaction

from accounts.models import User
from accounts.people import grant_role, register_person
from accounts.roles import StaffRole


@transaction.atomic
def take_on(
    *, username: str, full_name: str, role: StaffRole, by: User, email: str = "", mobile: str = "", language: str = "hi"
) -> User:
    """Register a person and give them a role of the mall. They sign in once they have set a password.

    Raises SignInNameTaken.
    """
    user = register_person(username=username, full_name=full_name, email=email, mobile=mobile, language=language, by=by)
    grant_role(user=user, role=role, by=by)
    return user
