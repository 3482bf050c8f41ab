"""The design system's own words in templates: icons, badges, captured blocks, page numbers.

`docs/design-system.md` shows every component with its call.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.core.paginator import Page
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

register = template.Library()


class Sign(NamedTuple):
    """How a state looks: a tone (colour) and an icon, so that colour is never the only sign."""

    tone: str
    icon: str


# Every state a badge, a tile or a unit on the plan can show. A new state is a new line here.
SIGNS = {
    # units
    "vacant": Sign("calm", "square"),
    "offered": Sign("info", "hand"),
    "let": Sign("good", "check"),
    "fitting_out": Sign("warn", "hammer"),
    "blocked": Sign("bad", "block"),
    # spaces owed to states and districts
    "trading": Sign("good", "check"),
    "papers": Sign("warn", "paper"),
    "coming": Sign("info", "hammer"),
    "empty": Sign("calm", "square"),
    "no_unit": Sign("bad", "warning"),
    # papers, registrations, authorisations, memberships, keys
    "valid": Sign("good", "check"),
    "active": Sign("good", "check"),
    "verified": Sign("good", "check"),
    "complete": Sign("good", "check"),
    "registered": Sign("good", "check"),
    "unverified": Sign("info", "clock"),
    "waiting": Sign("info", "clock"),
    "invited": Sign("info", "mail"),
    "pending": Sign("info", "clock"),
    "upcoming": Sign("info", "clock"),
    "not_yet_valid": Sign("info", "clock"),
    "announced": Sign("info", "clock"),
    "applied": Sign("info", "clock"),
    "expiring": Sign("warn", "clock"),
    "incomplete": Sign("warn", "warning"),
    "expired": Sign("bad", "cross"),
    "refused": Sign("bad", "cross"),
    "returned": Sign("bad", "arrow-left"),
    "revoked": Sign("bad", "block"),
    "missing": Sign("bad", "warning"),
    "withdrawn": Sign("calm", "minus"),
    "ended": Sign("calm", "minus"),
    "inactive": Sign("calm", "minus"),
    "none": Sign("calm", "minus"),
    # marks
    "gi": Sign("gi", "gi"),
    "women_led": Sign("info", "person"),
    "shg": Sign("info", "people"),
}
# Callers may also name a tone where they have no state: {% badge "good" label %}.
SIGNS |= {
    "good": Sign("good", "check"),
    "warn": Sign("warn", "warning"),
    "bad": Sign("bad", "cross"),
    "info": Sign("info", "info"),
    "calm": Sign("calm", "minus"),
}
# On the plan a category of units is a pattern, by its place in the scheme (`static/css/plan.css`).
SIGNS |= {f"category-{place}": Sign(f"category-{place}", "square") for place in range(1, 9)}
UNKNOWN = Sign("calm", "minus")


def sign_of(state: object) -> Sign:
    """The sign of a state; a state nobody has drawn yet looks neutral."""
    return SIGNS.get(str(state), UNKNOWN)


@register.filter
def tone(state: object) -> str:
    """The colour word of a state, for CSS classes such as `tile--good`."""
    return sign_of(state).tone


@register.filter
def sign(state: object) -> str:
    """The icon name of a state."""
    return sign_of(state).icon


@register.inclusion_tag("_icon.html")
def icon(name: str, label: str = "") -> dict[str, str]:
    """One drawing from the sprite; silent for screen readers unless it carries a label."""
    return {"name": name, "label": label}


@register.inclusion_tag("_badge.html")
def badge(state: object, label: object = "") -> dict[str, object]:
    """A state in words, colour and shape."""
    tone_name, icon_name = sign_of(state)
    return {"tone": tone_name, "icon": icon_name, "label": label or state}


@register.filter
def quick_items(navigation: Iterable[Any] | None) -> list[Any]:
    """The first four destinations of a role: what the bottom bar of a phone has room for."""
    return [item for group in navigation or [] for item in group.items][:4]


@register.simple_tag
def elided_pages(page: Page) -> Iterator[int | str]:
    """Page numbers around the current page, with gaps."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


class Capture(template.Node):
    """Keeps what stands between the tags in a variable, so that a block can be shown twice."""

    def __init__(self, name: str, content: NodeList) -> None:
        self.name = name
        self.content = content

    def render(self, context: Context) -> str:
        # Rendered nodes are escaped already; only `strip` forgets to say so.
        context[self.name] = SafeString(self.content.render(context).strip())
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> Capture:
    """`{% capture heading %}…{% endcapture %}` then `{{ heading }}` as often as needed."""
    words = token.split_contents()
    if len(words) != 2:
        raise template.TemplateSyntaxError("capture takes one word: the name of the variable")
    content = parser.parse(("endcapture",))
    parser.delete_first_token()
    return Capture(words[1], content)
