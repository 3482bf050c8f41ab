"""Things named in two languages, and facts that name their source."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """Something with a name in English and Hindi."""

    name_en = models.CharField(_("name in English"), max_length=200)
    name_hi = models.CharField(_("name in Hindi"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_hi if get_language() == "hi" and self.name_hi else self.name_en


class Confidence(models.TextChoices):
    """How well a fact is supported."""

    HIGH = "high", _("two or more sources, or an official text")
    MEDIUM = "medium", _("one decent source")
    LOW = "low", _("weak, indirect or general knowledge")


class Sourced(models.Model):
    """A fact that says where it comes from and how far to trust it."""

    source = models.CharField(_("source"), max_length=300, blank=True)
    confidence = models.CharField(_("confidence"), max_length=6, choices=Confidence, default=Confidence.MEDIUM)

    class Meta:
        abstract = True
