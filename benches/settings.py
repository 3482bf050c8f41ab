"""The mall's own settings with the two floors added to its routes."""

from config.settings import *  # noqa: F403 everything as it is served

ROOT_URLCONF = "benches.urls"
