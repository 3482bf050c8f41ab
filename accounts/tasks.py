"""Mail to people."""

from hashlib import sha256

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User, sign_in_name
from accounts.password_links import link_token

PAUSE = 10 * 60  # seconds between two mails to the same name: nobody's letter box is flooded


@shared_task
def send_password_links(typed: str) -> int:
    """Mail a link to whoever signs in with the name or is reached at the address that was typed.

    All looking up happens here, out of the reader's sight: the page answers alike, and as fast, for
    names that exist and names that do not. Returns how many mails went out.
    """
    name = sign_in_name(typed)
    if not name or not cache.add(f"password-mail:{sha256(name.encode()).hexdigest()}", 1, PAUSE):
        return 0
    people = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).exclude(email="")
    for user in people[:5]:
        with translation.override(user.language):
            link = settings.BASE_URL + reverse("password-set", args=[link_token(user)])
            send_mail(
                _("Your password at Unity Mall Ujjain"),
                render_to_string("mail/password.txt", {"person": user, "link": link}),
                settings.DEFAULT_FROM_EMAIL,
                [user.email],
            )
    return min(people.count(), 5)
