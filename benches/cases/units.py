"""Lists of units."""

from collections.abc import Iterator

from benches.load import Ask
from benches.over_http import over_http
from benches.registry import Measured, Trial, bench


@bench("units.http")
def units(trial: Trial) -> Iterator[Measured]:
    """A page of 25 units with their status, for the auditor, who sees everything."""
    return over_http(trial, Ask("/api/v1/units/?page_size=25", trial.hall.key_of("auditor")))


@bench("units.page")
def units_page(trial: Trial) -> Iterator[Measured]:
    """The same as a page for people."""
    return over_http(trial, Ask("/units/", trial.hall.session_of("auditor")))
