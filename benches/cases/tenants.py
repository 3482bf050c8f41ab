"""Lists of tenants."""

from collections.abc import Iterator

from benches.load import Ask
from benches.over_http import over_http
from benches.registry import Measured, Trial, bench


@bench("tenants.http")
def tenants(trial: Trial) -> Iterator[Measured]:
    """A page of 25 tenants, for the auditor, who sees everything."""
    return over_http(trial, Ask("/api/v1/tenants/?page_size=25", trial.hall.key_of("auditor")))


@bench("tenants.page")
def tenants_page(trial: Trial) -> Iterator[Measured]:
    """The same as a page for people."""
    return over_http(trial, Ask("/tenants/", trial.hall.session_of("auditor")))
