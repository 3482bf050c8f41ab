"""Idempotency: an answer once given is given again. And counts that only matter for a moment."""

from django.db import models


class GivenAnswer(models.Model):
    """The answer that a write with this key got, so that the same write sent twice happens once."""

    actor = models.CharField(max_length=60)  # "person:7", "device:3"
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)  # sha256 of method, path and body
    status = models.PositiveSmallIntegerField(null=True)  # null while the first request is still at work
    body = models.JSONField(null=True)
    given_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="key_is_used_once_by_an_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class Tally(models.Model):
    """How often something happened in a window of time. Unlogged: a crash may forget it."""

    key = models.CharField(max_length=120, primary_key=True)
    number = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
