"""Celery: the doorbell. Work itself is a row in PostgreSQL that a task sweeps."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("unity_mall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
