"""People who may sign in, and the roles they hold in the mall."""

from typing import Any, ClassVar

import django_filters
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.directory import people_visible_to
from accounts.models import User
from accounts.people import grant_role, let_in_again, register_person, shut_out, withdraw_role
from accounts.policy import Policy
from accounts.roles import Right, StaffRole
from api.fields import Entry, SaidWhy
from api.filtering import Search, YesNo
from api.shapes import Shape
from api.views.base import Endpoint

ACT = Policy({"POST": Right.MANAGE_PEOPLE}, object_of="person")


class PersonShape(Shape):
    id = serializers.IntegerField()
    username = serializers.CharField(help_text="The name to sign in with.")
    full_name = serializers.CharField()
    email = serializers.CharField()
    mobile = serializers.CharField()
    language = serializers.CharField()
    is_active = serializers.BooleanField()
    joined_at = serializers.DateTimeField()
    roles = serializers.SerializerMethodField(help_text="Roles in the mall; those in tenants are memberships.")

    def get_roles(self, person: User) -> list[str]:
        return sorted(grant.role for grant in person.role_grants.all())


class PersonEntry(Entry):
    username = serializers.CharField(max_length=150, help_text="E-mail address, mobile number or a name.")
    full_name = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254, required=False, default="", allow_blank=True)
    mobile = serializers.CharField(max_length=15, required=False, default="", allow_blank=True)
    language = serializers.ChoiceField([("hi", "हिन्दी"), ("en", "English")], required=False, default="hi")
    password = serializers.CharField(
        max_length=200,
        required=False,
        default=None,
        trim_whitespace=False,
        validators=[validate_password],
        help_text="A first password; without one the person cannot sign in until one is set.",
    )


class PersonFilters(django_filters.FilterSet):
    role = django_filters.ChoiceFilter("role_grants__role", choices=StaffRole.choices, label=_("role in the mall"))
    is_active = YesNo("is_active", label=_("may sign in"))
    q = Search("full_name", "username", label=_("part of the name"))


class People(Endpoint):
    """Everyone who may sign in; POST registers someone."""

    policy = Policy({"GET": Right.SEE_PEOPLE, "POST": Right.MANAGE_PEOPLE})
    asks: ClassVar[Any] = {"POST": PersonEntry}
    answers: ClassVar[Any] = {"GET": PersonShape, "POST": PersonShape}
    lists = creates = True
    filterset_class = PersonFilters
    ordering_fields = ("full_name", "joined_at")

    def get(self, request: Request) -> Response:
        return self.page(people_visible_to(self.actor))

    def post(self, request: Request) -> Response:
        """Register someone who may sign in."""
        return self.answer(register_person(by=self.actor, **self.entry()))


class OnePerson(Endpoint):
    """Someone who may sign in."""

    policy = Policy({"GET": Right.SEE_PEOPLE}, object_of="person")
    answers: ClassVar[Any] = {"GET": PersonShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(people_visible_to(self.actor), pk=pk))


class GrantEntry(Entry):
    role = serializers.ChoiceField(StaffRole.choices)
    why = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class GrantRole(Endpoint):
    """Give someone a role in the mall. Their sessions and keys end."""

    policy = ACT
    asks: ClassVar[Any] = {"POST": GrantEntry}
    answers: ClassVar[Any] = {"POST": PersonShape}

    def post(self, request: Request, pk: int) -> Response:
        person = self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk)
        grant_role(user=person, by=self.actor, **self.entry())
        return self.answer(self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk))


class WithdrawRole(Endpoint):
    """Take a role in the mall away. Their sessions and keys end."""

    policy = ACT
    asks: ClassVar[Any] = {"POST": GrantEntry}
    answers: ClassVar[Any] = {"POST": PersonShape}

    def post(self, request: Request, pk: int) -> Response:
        person = self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk)
        withdraw_role(user=person, by=self.actor, **self.entry())
        return self.answer(self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk))


class ShutOut(Endpoint):
    """Stop someone from signing in, now."""

    policy = ACT
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": PersonShape}

    def post(self, request: Request, pk: int) -> Response:
        person = self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk)
        shut_out(user=person, by=self.actor, **self.entry())
        return self.answer(self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk))


class LetInAgain(Endpoint):
    """Let someone sign in again."""

    policy = ACT
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": PersonShape}

    def post(self, request: Request, pk: int) -> Response:
        person = self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk)
        let_in_again(user=person, by=self.actor, **self.entry())
        return self.answer(self.find(people_visible_to(self.actor, Right.MANAGE_PEOPLE), pk=pk))
