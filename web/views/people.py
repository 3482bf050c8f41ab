"""People who sign in: listed, shown, added; roles given and withdrawn; shut out and let in again."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.directory import people_visible_to
from accounts.hiring import take_on
from accounts.models import RoleGrant, User, sign_in_name
from accounts.password_links import link_token, make_link_for
from accounts.people import grant_role, let_in_again, shut_out, withdraw_role
from accounts.policy import Policy
from accounts.roles import (
    DEVICE_RIGHTS,
    MEMBER_RIGHTS,
    RIGHT_LABELS,
    STAFF_RIGHTS,
    TENANT_RIGHTS,
    DeviceKind,
    Right,
    StaffRole,
    TenantRole,
)
from accounts.second_factor import factor_of, remove
from core.devanagari import clean
from core.indian_format import moment
from core.timeline import Source, timeline
from tenants.models import Membership
from web.downloads import xlsx_response
from web.forms.office import GrantForm, PeopleFilter, PersonForm, WithdrawForm
from web.forms.tenancy import WhyForm
from web.views.asking import ConfirmPage, FormPage, shown_once
from web.views.base import Page, SignedIn, attempt, fetch, page_of

ONE = "person"
MANAGE = Policy({"GET": Right.MANAGE_PEOPLE, "POST": Right.MANAGE_PEOPLE}, object_of=ONE)


def with_places(people: QuerySet[User]) -> QuerySet[User]:
    """Each person with their tenants (`works_for`) and whether they have a second factor. One query more."""
    return people.annotate(
        has_second_factor=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
    ).prefetch_related(
        Prefetch("memberships", Membership.objects.current().select_related("tenant"), to_attr="works_for")
    )


def narrowed(people: QuerySet[User], wanted: dict[str, Any]) -> QuerySet[User]:
    """The people that the filter form asks for."""
    for word in clean(wanted.get("q") or "").split():
        people = people.filter(
            Q(full_name__icontains=word)
            | Q(username__icontains=sign_in_name(word))
            | Q(email__icontains=word)
            | Q(mobile__icontains=sign_in_name(word))
        )
    role = wanted.get("role")
    grants, members = RoleGrant.objects.filter(user=OuterRef("pk")), Membership.objects.current()
    member = Exists(members.filter(user=OuterRef("pk")))
    if role in StaffRole.values:
        people = people.filter(Exists(grants.filter(role=role)))
    elif role == "staff":
        people = people.filter(Exists(grants))
    elif role == "member":
        people = people.filter(member)
    elif role == "none":
        people = people.filter(~Exists(grants), ~member)
    if wanted.get("entry"):
        people = people.filter(is_active=wanted["entry"] == "open")
    return people


def asked_for(request: SignedIn) -> tuple[PeopleFilter, QuerySet[User]]:
    """The filter form and the people it asks for."""
    form = PeopleFilter(request.GET)
    form.is_valid()
    return form, with_places(narrowed(people_visible_to(request.user), form.cleaned_data))


class People(Page):
    """The list of everyone who signs in."""

    policy = Policy({"GET": Right.SEE_PEOPLE})
    template = "office/people.html"

    def get(self, request: SignedIn) -> HttpResponse:
        form, people = asked_for(request)
        return self.show(
            request,
            form=form,
            page_obj=page_of(request, people),
            may_manage=request.user.reach(Right.MANAGE_PEOPLE),
        )


class PeopleDownload(Page):
    """The same list as a spreadsheet."""

    policy = Policy({"GET": Right.SEE_PEOPLE})

    def get(self, request: SignedIn) -> HttpResponse:
        _form, people = asked_for(request)
        columns = [
            _("Name"),
            _("Sign-in name"),
            _("Mobile number"),
            _("E-mail"),
            _("Roles"),
            _("Tenants"),
            _("Second factor"),
            _("May sign in"),
            _("Last signed in"),
        ]
        rows = (
            [
                person.full_name,
                person.username,
                person.mobile,
                person.email,
                ", ".join(grant.get_role_display() for grant in person.role_grants.all()),
                ", ".join(str(held.tenant) for held in person.works_for),  # type: ignore[attr-defined]
                _("yes") if person.has_second_factor else _("no"),  # type: ignore[attr-defined]
                _("yes") if person.is_active else _("no"),
                moment(person.last_login) if person.last_login else "",
            ]
            for person in people
        )
        return xlsx_response("people", _("People"), columns, rows)


class Person(Page):
    """One person: roles, tenants, how they sign in, and what was changed about them."""

    policy = Policy({"GET": Right.SEE_PEOPLE}, object_of=ONE)
    template = "office/person.html"

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        person = fetch(with_places(people_visible_to(request.user)), pk=pk)
        grants = person.role_grants.all()
        history = timeline(
            [
                Source(User.history.filter(id=person.pk)),
                Source(RoleGrant.history.filter(user_id=person.pk), lambda row: StaffRole(row.role).label),
                Source(
                    Membership.history.filter(user_id=person.pk).select_related("tenant"),
                    lambda row: f"{row.tenant}, {TenantRole(row.role).label}",
                ),
            ],
            per_page=25,
        )
        return self.show(
            request,
            person=person,
            grants=grants,
            keys=person.access_keys.usable_at(timezone.now()).filter(epoch=person.session_epoch).count(),
            page_obj=history.get_page(request.GET.get("page")),
            may_manage=request.user.reach(Right.MANAGE_PEOPLE),
            is_oneself=person.pk == request.user.pk,
            may_grant=len(grants) < len(StaffRole),
        )


class PersonAdd(FormPage):
    """Someone begins to work for the mall."""

    policy = Policy({"GET": Right.MANAGE_PEOPLE, "POST": Right.MANAGE_PEOPLE})

    def get(self, request: SignedIn) -> HttpResponse:
        return self.draw(request, PersonForm())

    def post(self, request: SignedIn) -> HttpResponse:
        form = PersonForm(request.POST)
        if form.is_valid():
            person = attempt(request, form, lambda: take_on(by=request.user, **form.cleaned_data))
            if person:
                messages.success(request, _("%(person)s is added.") % {"person": person})
                return show_link(request, person, link_token(person))
        return self.draw(request, form)

    def draw(self, request: SignedIn, form: PersonForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Add a person"),
            lead=_(
                "For people who work for the mall. Members of a tenant are invited on the tenant's page. "
                "Afterwards you get a link with which the person chooses a password."
            ),
            submit=_("Add the person"),
            crumbs=people_crumbs(),
            back=reverse("people"),
        )


class PasswordLink(ConfirmPage):
    """A link to set a password, for whom no mail reaches."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, person_for(request, pk), WhyForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person, form = person_for(request, pk), WhyForm(request.POST)
        if form.is_valid():
            why = _("password link made: %(why)s") % {"why": form.cleaned_data["why"]}
            token = attempt(request, form, lambda: make_link_for(user=person, by=request.user, why=why))
            if token:
                return show_link(request, person, token)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Link for a new password"),
            question=_("Make a link with which %(person)s sets a new password?") % {"person": person},
            consequence=_(
                "Make sure that you speak with the person themselves. Whoever has the link can set the password."
            ),
            submit=_("Make the link"),
            tone="warn",
            **about(person),
        )


class RoleGrantAdd(FormPage):
    """A person gets a role of the mall."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        person = person_for(request, pk)
        return self.draw(request, person, GrantForm(roles=missing(person)))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person = person_for(request, pk)
        form = GrantForm(request.POST, roles=missing(person))
        if form.is_valid():
            role = StaffRole(form.cleaned_data["role"])
            done = _("%(person)s is now %(role)s. Their sessions and keys from before have ended.") % {
                "person": person,
                "role": role.label,
            }
            why = form.cleaned_data["why"]
            if attempt(request, form, lambda: grant_role(user=person, role=role, by=request.user, why=why), done):
                return redirect("person", person.pk)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: GrantForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Give a role to %(person)s") % {"person": person},
            lead=_("The person is signed out everywhere and signs in again with the new role."),
            submit=_("Give the role"),
            **about(person),
        )


class RoleWithdraw(ConfirmPage):
    """A role is taken away."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        person = person_for(request, pk)
        form = WithdrawForm(roles=held(person), initial={"role": request.GET.get("role", "")})
        return self.draw(request, person, form)

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person = person_for(request, pk)
        form = WithdrawForm(request.POST, roles=held(person))
        if form.is_valid():
            role, why = StaffRole(form.cleaned_data["role"]), form.cleaned_data["why"]
            done = _("%(person)s is no longer %(role)s.") % {"person": person, "role": role.label}
            if attempt(request, form, lambda: withdraw_role(user=person, role=role, by=request.user, why=why), done):
                return redirect("person", person.pk)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: WithdrawForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Withdraw a role"),
            question=_("Take a role away from %(person)s?") % {"person": person},
            consequence=_("The person is signed out everywhere, and their keys end."),
            submit=_("Withdraw the role"),
            **about(person),
        )


class ShutOut(ConfirmPage):
    """Someone may not sign in any more."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, person_for(request, pk), WhyForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person, form = person_for(request, pk), WhyForm(request.POST)
        if form.is_valid():
            done, why = _("%(person)s is shut out.") % {"person": person}, form.cleaned_data["why"]
            if attempt(request, form, lambda: shut_out(user=person, by=request.user, why=why), done):
                return redirect("person", person.pk)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Shut out"),
            question=_("Stop %(person)s from signing in?") % {"person": person},
            consequence=_(
                "Sessions and keys end at once. What the person did stays in the history. You can let them in again."
            ),
            submit=_("Shut out"),
            **about(person),
        )


class LetIn(ConfirmPage):
    """Someone may sign in again."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, person_for(request, pk), WhyForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person, form = person_for(request, pk), WhyForm(request.POST)
        if form.is_valid():
            done, why = _("%(person)s may sign in again.") % {"person": person}, form.cleaned_data["why"]
            if attempt(request, form, lambda: let_in_again(user=person, by=request.user, why=why), done):
                return redirect("person", person.pk)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Let in again"),
            question=_("Let %(person)s sign in again?") % {"person": person},
            consequence=_("Roles and memberships are as they were."),
            submit=_("Let in"),
            tone="info",
            **about(person),
        )


class PersonFactorRemove(ConfirmPage):
    """Someone has lost the phone and the recovery codes."""

    policy = MANAGE

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, person_for(request, pk), WhyForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        person, form = person_for(request, pk), WhyForm(request.POST)
        if form.is_valid():
            done = _("The second factor of %(person)s is removed.") % {"person": person}
            why = _("second factor removed: %(why)s") % {"why": form.cleaned_data["why"]}
            if attempt(request, form, lambda: remove(user=person, by=request.user, why=why), done):
                return redirect("person", person.pk)
        return self.draw(request, person, form)

    def draw(self, request: SignedIn, person: User, form: WhyForm) -> HttpResponse:
        if factor_of(person) is None:
            messages.info(request, _("%(person)s has no second factor.") % {"person": person})
            return redirect("person", person.pk)
        return self.ask(
            request,
            form,
            heading=_("Remove the second factor"),
            question=_("Remove the second factor of %(person)s?") % {"person": person},
            consequence=_(
                "Only for someone who has lost both the phone and the recovery codes: make sure that it is really "
                "they. They are signed out everywhere and then sign in with the password alone."
            ),
            submit=_("Remove it"),
            **about(person),
        )


class Roles(Page):
    """What each role may do: the table of rights itself."""

    policy = Policy({"GET": Right.SEE_PEOPLE})
    template = "office/roles.html"

    def get(self, request: SignedIn) -> HttpResponse:
        return self.show(request, tables=role_tables(), crumbs=people_crumbs())


def role_tables() -> list[dict[str, Any]]:
    """One table per kind of role, from `accounts.roles`: rights down, roles across."""
    members = {role: TENANT_RIGHTS[role] | MEMBER_RIGHTS for role in TenantRole}
    kinds: list[tuple[str, str, Any, dict[Any, frozenset[Right]]]] = [
        (_("People who work for the mall"), _("Their rights reach everything in the mall."), StaffRole, STAFF_RIGHTS),
        (
            _("Members of a tenant"),
            _("Their rights reach their own tenant only; the building is open to all."),
            TenantRole,
            members,
        ),
        (_("Devices"), _("Machines sign in with a key."), DeviceKind, DEVICE_RIGHTS),
    ]
    return [
        {
            "title": title,
            "note": note,
            "roles": [role.label for role in roles],
            "lines": [
                {
                    "label": label,
                    "cells": [{"role": role.label, "may": right in rights[role]} for role in roles],
                }
                for right, label in RIGHT_LABELS.items()
                if any(right in rights[role] for role in roles)
            ],
        }
        for title, note, roles, rights in kinds
    ]


# What the pages about one person share


def person_for(request: SignedIn, pk: int) -> User:
    """The person, for whoever manages people; else 404."""
    return fetch(people_visible_to(request.user, Right.MANAGE_PEOPLE), pk=pk)


def held(person: User) -> list[StaffRole]:
    return [role for role in StaffRole if role in person.staff_roles]


def missing(person: User) -> list[StaffRole]:
    return [role for role in StaffRole if role not in person.staff_roles]


def people_crumbs() -> list[tuple[str, str]]:
    return [(_("People and roles"), reverse("people"))]


def about(person: User) -> dict[str, Any]:
    """Where a page about a person stands, and the way back."""
    address = reverse("person", args=[person.pk])
    return {"crumbs": [*people_crumbs(), (str(person), address)], "back": address}


def show_link(request: SignedIn, person: User, token: str) -> HttpResponse:
    """The page that shows a password link, to be handed over."""
    link = settings.BASE_URL + reverse("password-set", args=[token])
    return shown_once(render(request, "office/password_link.html", {"person": person, "link": link, **about(person)}))
