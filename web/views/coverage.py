"""The coverage board: the spaces that the scheme owes to states and districts, as a map and as a list."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import folded
from insights.coverage import Board, Cover, Space, of_districts, of_states
from reference.models import State
from web.downloads import xlsx_response
from web.forms.building import CoverageFilter
from web.templatetags.components import sign_of
from web.views.base import Page, page_of

DISTRICTS, STATES = "districts", "states"


def of_whom(request: HttpRequest) -> str:
    """Which of the two boards the address asks for; districts unless it says states."""
    return STATES if request.GET.get("of") == STATES else DISTRICTS


def board_of(whom: str) -> Board:
    today = timezone.localdate()
    return of_states(today) if whom == STATES else of_districts(today)


def narrowed(spaces: tuple[Space, ...], wanted: dict[str, Any]) -> list[Space]:
    """The spaces that the filter form asks for."""
    words = folded(wanted.get("q") or "").split()
    cover = wanted.get("cover")
    return [
        space
        for space in spaces
        if (not cover or space.cover == cover) and all(word in _words_of(space) for word in words)
    ]


def _words_of(space: Space) -> str:
    """Everything by which a space may be found, in both languages."""
    named = [space.place, *space.products, *([space.tenant] if space.tenant else [])]
    number = space.unit.number if space.unit else ""
    return folded(" ".join([number, *(f"{one.name_en} {one.name_hi}" for one in named)]))


def asked_for(request: HttpRequest, board: Board) -> tuple[CoverageFilter, list[Space]]:
    """The filter form and the spaces it asks for."""
    form = CoverageFilter(request.GET)
    form.is_valid()
    return form, narrowed(board.spaces, form.cleaned_data)


class Coverage(Page):
    """The board."""

    policy = Policy({"GET": Right.SEE_COVERAGE})
    template = "coverage/board.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        whom = of_whom(request)
        board = board_of(whom)
        form, spaces = asked_for(request, board)
        return self.show(
            request,
            whom=whom,
            board=board,
            form=form,
            page_obj=page_of(request, spaces),  # type: ignore[arg-type]
            tabs=tabs(whom),
            stats=stats(board, whom),
            tiles=[tile(space) for space in board.spaces],
            legend=legend(board),
            clear_url=f"{reverse('coverage')}?of={whom}",
        )


def tabs(whom: str) -> list[dict[str, Any]]:
    lines = ((DISTRICTS, _("Districts of Madhya Pradesh")), (STATES, _("States and union territories")))
    return [
        {"label": label, "url": f"{reverse('coverage')}?of={name}", "current": name == whom, "count": None}
        for name, label in lines
    ]


def stats(board: Board, whom: str) -> list[dict[str, Any]]:
    """How many spaces are in each state of cover; each tile narrows the list to its own."""
    return [
        {
            "label": cover.label,
            "value": board.counts.get(cover.value, 0),
            "tone": sign_of(cover.value).tone,
            "icon": sign_of(cover.value).icon,
            "url": f"{reverse('coverage')}?{urlencode({'of': whom, 'cover': cover.value})}#results",
        }
        for cover in Cover
    ]


def legend(board: Board) -> list[dict[str, Any]]:
    return [
        {"state": cover.value, "label": cover.label, "count": board.counts[cover.value]}
        for cover in Cover
        if board.counts.get(cover.value)
    ]


def tile(space: Space) -> dict[str, Any]:
    """A place on the map; it leads to the unit, or to the place where there is no unit yet."""
    place = space.place
    return {
        "name": str(place),
        "code": place.iso_code[-2:] if isinstance(place, State) else "",
        "column": place.tile_column,
        "row": place.tile_row,
        "url": reverse("unit", args=[space.unit.number]) if space.unit else place_url(place),
        "state": space.cover.value,
        "state_label": space.cover.label,
    }


def place_url(place: Any) -> str:
    """The page of a state or district."""
    return reverse("state" if isinstance(place, State) else "district", args=[place.lgd_code])


class CoverageDownload(Page):
    """The list as it is filtered, as a spreadsheet."""

    policy = Policy({"GET": Right.SEE_COVERAGE})

    def get(self, request: HttpRequest) -> HttpResponse:
        whom = of_whom(request)
        _form, spaces = asked_for(request, board_of(whom))
        columns = [
            _("State or union territory") if whom == STATES else _("District"),
            _("LGD code"),
            _("How it stands"),
            _("Unit"),
            _("Tenant in Hindi"),
            _("Tenant in English"),
            _("Papers"),
            _("Products"),
        ]
        return xlsx_response(_("coverage"), _("Coverage"), columns, map(_cells, spaces))


def _cells(space: Space) -> list[Any]:
    return [
        str(space.place),
        str(space.place.lgd_code),
        str(space.cover.label),
        space.unit.number if space.unit else "",
        space.tenant.name_hi if space.tenant else "",
        space.tenant.name_en if space.tenant else "",
        str(space.papers.label) if space.papers else "",
        ", ".join(str(product) for product in space.products),
    ]
