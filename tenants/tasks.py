"""Mail to tenants. A row says what has not gone out yet; the task sweeps such rows."""

import logging

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

log = logging.getLogger(__name__)

AT_ONCE = 50


@shared_task
def send_invitations() -> int:
    """Send the mail of every open invitation that has none yet. Returns how many went out.

    A row is held while its mail is handed over, so that two sweeps send one mail; the mark is set in
    the same transaction, so that a mail is sent again only when the machine dies between the two. A mail
    that cannot be sent is noted in the log and tried again by the next sweep; the others go on.
    """
    sent, given_up = 0, [0]
    for _turn in range(AT_ONCE):
        with transaction.atomic():
            invitation = (
                Invitation.objects.unsent(timezone.now())
                .exclude(pk__in=given_up)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("tenant", "invited_by")
                .order_by("pk")
                .first()
            )
            if invitation is None:
                break
            try:
                _send(invitation)
            except (OSError, ValueError):  # a mail server that refuses, an address no mail can be made for
                log.exception("the mail of invitation %s cannot be sent", invitation.pk)
                given_up.append(invitation.pk)
                continue
            Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())
        sent += 1
    return sent


def _send(invitation: Invitation) -> None:
    with translation.override(invitation.language):
        link = settings.BASE_URL + reverse("accept-invitation", args=[token_of(invitation)])
        subject = _("Invitation to %(tenant)s at Unity Mall Ujjain") % {"tenant": invitation.tenant}
        send_mail(
            " ".join(subject.split()),
            render_to_string("mail/invitation.txt", {"invitation": invitation, "link": link}),
            settings.DEFAULT_FROM_EMAIL,
            [invitation.email],
        )
