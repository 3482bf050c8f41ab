"""The coverage board."""

from collections.abc import Iterator

from benches.load import Ask
from benches.over_http import over_http
from benches.registry import Measured, Trial, bench


@bench("coverage.http")
def coverage(trial: Trial) -> Iterator[Measured]:
    """The board of the 55 districts, for the auditor."""
    return over_http(trial, Ask("/api/v1/coverage/districts/", trial.hall.key_of("auditor")))


@bench("coverage.page")
def coverage_page(trial: Trial) -> Iterator[Measured]:
    """Both boards as a page for people."""
    return over_http(trial, Ask("/coverage/", trial.hall.session_of("auditor")))
