"""Unsafe settings are a sentence at the start, not an incident later.

Ids are `mall.E…` (refused) and `mall.W…` (warned). Run by every command, by `check --deploy` and, in
production, by the web server before it answers.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config.embedded import Cluster

MODES = ("demo", "test", "production")


@register(Tags.security)
def settings_are_safe(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """In production nothing is left to a default that is only safe on one's own machine."""
    if settings.MODE not in MODES:
        return [_error("E001", f"MALL_MODE is {settings.MODE!r}.", f"Set it to one of {', '.join(MODES)}.")]
    return list(_production()) if settings.PRODUCTION else []


def _production() -> Iterator[CheckMessage]:
    if len(_secret_key()) < 50:
        yield _error("E002", "SECRET_KEY is missing or short.", "Set SECRET_KEY to at least 50 random characters.")
    if settings.DEBUG:
        yield _error("E003", "DEBUG is on.", "Leave DEBUG off in production.")
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield _error("E004", "ALLOWED_HOSTS is empty or '*'.", "Set ALLOWED_HOSTS to the names of the site.")
    if not settings.BASE_URL.startswith("https://"):
        yield _error("E005", "BASE_URL is not https.", "Set BASE_URL to the https address of the site.")
    database = settings.DATABASES["default"]
    if str(Cluster(settings.STATE_DIR).socket_dir) in (database["HOST"], database["OPTIONS"].get("host")):
        yield _error(
            "E006", "The embedded database would serve.", "Set DATABASE_URL to a PostgreSQL server (14 or newer)."
        )
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        yield _error("E007", "The broker is a folder.", "Set CELERY_BROKER_URL to Redis or RabbitMQ.")
    if not settings.STAFF_SECOND_FACTOR_REQUIRED:
        yield _error(
            "E008", "Staff may sign in without a second factor.", "Leave STAFF_SECOND_FACTOR_REQUIRED unset or true."
        )
    if any(not origin.startswith("https://") for origin in settings.CSRF_TRUSTED_ORIGINS):
        yield _error("E009", "CSRF_TRUSTED_ORIGINS names a site without https.", "Name https addresses only.")
    if not (settings.CONTACT_EMAIL or settings.CONTACT_PHONE):
        yield Warning(
            "The contact page names nobody to turn to.", hint="Set CONTACT_EMAIL or CONTACT_PHONE.", id="mall.W002"
        )
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield Warning(
            "Mail is written to files and reaches nobody.", hint="Set EMAIL_URL to a mail server.", id="mall.W001"
        )


@register(Tags.database)
def database_is_safe(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The application's role may not be a superuser: triggers and rights would not bind it."""
    if not settings.PRODUCTION or not kwargs.get("databases"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls, current_setting('server_version_num')::int"
            " FROM pg_roles WHERE rolname = current_user"
        )
        too_mighty, version = cursor.fetchone()
    found: list[CheckMessage] = []
    if too_mighty:
        found.append(
            _error(
                "E010", "The database role is a superuser or bypasses row security.", "Use a role with neither right."
            )
        )
    if version < 140000:
        found.append(_error("E011", "PostgreSQL is older than 14.", "Use PostgreSQL 14 or newer."))
    return found


def refuse_unsafe_settings() -> None:
    """Stop with the sentences of `settings_are_safe` where there are errors. Needs no app to be loaded."""
    if errors := [found for found in settings_are_safe(None) if found.is_serious()]:
        raise SystemExit("\n".join(f"{found.id}: {found.msg} {found.hint}" for found in errors))


def _secret_key() -> str:
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's word for an empty one
        return ""


def _error(number: str, sentence: str, hint: str) -> Error:
    return Error(sentence, hint=hint, id=f"mall.{number}")
