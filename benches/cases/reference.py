"""The country, which changes seldom and is asked for often."""

from collections.abc import Iterator

from benches.load import Ask
from benches.over_http import over_http
from benches.registry import Measured, Trial, bench


@bench("reference.http")
def districts(trial: Trial) -> Iterator[Measured]:
    """All 55 districts, asked without an ETag."""
    return over_http(trial, Ask("/api/v1/districts/?page_size=100", trial.hall.key_of("auditor")))
