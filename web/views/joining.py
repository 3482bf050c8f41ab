"""Someone opens the link of an invitation and joins a tenant."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.directory import signs_in_already
from accounts.models import User
from accounts.policy import Everyone, Policy
from tenants.members import InvitationEnded, accept, invitation_of
from tenants.models import Invitation
from web.forms.account import NewPasswordForm
from web.views.asking import WRONG
from web.views.base import Page, attempt
from web.views.sign_in import begin_session, remember_language


@method_decorator(never_cache, "dispatch")
class Join(Page):
    """As who is signed in, or as a new person who chooses a password here."""

    policy = Policy({"GET": Everyone.PUBLIC, "POST": Everyone.PUBLIC}, object_of="invitation")
    template = "account/join.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            invitation = invitation_of(token=token, at=timezone.now())
        except InvitationEnded as ended:
            return invitation_ended(request, ended)
        return self.draw(request, invitation, NewPasswordForm(user=newcomer(invitation)))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            invitation = invitation_of(token=token, at=timezone.now())
        except InvitationEnded as ended:
            return invitation_ended(request, ended)
        if isinstance(request.user, User):
            return self.join_as_oneself(request, request.user, invitation)
        form = NewPasswordForm(request.POST, user=newcomer(invitation))
        if form.is_valid() and not signs_in_already(newcomer(invitation).username):
            return self.join_as_newcomer(request, invitation, form)
        return self.draw(request, invitation, form)

    def join_as_oneself(self, request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
        membership = attempt(
            request, None, lambda: accept(invitation=invitation, at=timezone.now(), user=user), welcome(invitation)
        )
        if membership is None:
            return redirect("home")
        # Joining ends all of a person's sessions; this one goes on.
        update_session_auth_hash(request, user)
        return redirect("tenant", membership.tenant_id)

    def join_as_newcomer(self, request: HttpRequest, invitation: Invitation, form: NewPasswordForm) -> HttpResponse:
        password = form.cleaned_data["new_password"]
        membership = attempt(
            request,
            form,
            lambda: accept(invitation=invitation, at=timezone.now(), password=password),
            welcome(invitation),
        )
        if membership is None:
            return self.draw(request, invitation, form)
        person = User.objects.get(pk=membership.user_id)
        begin_session(request, person)
        response = redirect("tenant", membership.tenant_id)
        remember_language(response, person.language)
        return response

    def draw(self, request: HttpRequest, invitation: Invitation, form: NewPasswordForm) -> HttpResponse:
        name = newcomer(invitation).username
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            invitation=invitation,
            sign_in_name=name,
            is_known=signs_in_already(name),
            sign_in_url=f"{reverse('sign-in')}?{urlencode({'next': request.path})}",
        )


def newcomer(invitation: Invitation) -> User:
    """The person as they would be registered, so that the password may not be their own name."""
    return User(
        username=invitation.email or invitation.mobile,
        full_name=invitation.full_name,
        email=invitation.email,
        mobile=invitation.mobile,
    )


def welcome(invitation: Invitation) -> str:
    return _("Welcome to %(tenant)s.") % {"tenant": invitation.tenant}


def invitation_ended(request: HttpRequest, ended: InvitationEnded) -> HttpResponse:
    """The link opens nothing any more: the same page for used, withdrawn, too old and never made."""
    return render(request, "account/link_ended.html", {"sentence": ended.sentence}, status=404)
