"""Mail to tenants. A row says what has not gone out yet; the task sweeps such rows."""

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants.members import token_of
from tenants.models import Invitation

AT_ONCE = 50


@shared_task
def send_invitations() -> int:
    """Send the mail of every open invitation that has none yet. Returns how many went out.

    A row is held while its mail is handed over, so that two sweeps send one mail; the mark is set in
    the same transaction, so that a mail is sent again only when the machine dies between the two.
    """
    now = timezone.now()
    sent = 0
    while sent < AT_ONCE:
        with transaction.atomic():
            invitation = (
                Invitation.objects.unsent(now)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("tenant", "invited_by")
                .order_by("pk")
                .first()
            )
            if invitation is None:
                return sent
            with translation.override(invitation.language):
                link = settings.BASE_URL + reverse("accept-invitation", args=[token_of(invitation)])
                send_mail(
                    _("Invitation to %(tenant)s at Unity Mall Ujjain") % {"tenant": invitation.tenant},
                    render_to_string("mail/invitation.txt", {"invitation": invitation, "link": link}),
                    settings.DEFAULT_FROM_EMAIL,
                    [invitation.email],
                )
            Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())
        sent += 1
    return sent
