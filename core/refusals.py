"""A refusal is a state of the world that an operation will not act in.

Each module that acts defines its own refusals next to its verbs; the edges (api, web) map every
one of them to one shape by `code`, `sentence` and `status`.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Base of all named refusals.

    `code` is stable and public; `sentence` says in the reader's language what is wrong and what to
    do; `field` names the input at fault, if one is; `details` are facts the caller may act on.
    """

    code = "refused"
    status = 409
    sentence: Any = _("This cannot be done now.")

    def __init__(self, sentence: Any = None, *, field: str | None = None, **details: Any) -> None:
        if sentence is not None:
            self.sentence = sentence
        self.field = field
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.sentence)
