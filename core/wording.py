"""Text that people typed, checked before it is kept."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal


class NotAcceptable(Refusal):
    """Some fields of a row are wrong; `errors` names each field with its sentences."""

    code = "not_acceptable"
    status = 400
    sentence: Any = _("Some entries are not right. Correct the marked fields.")

    def __init__(self, errors: dict[str, list[Any]]) -> None:
        super().__init__(errors=errors)
        self.errors = errors


def checked(thing: Any, *, exclude: tuple[str, ...] = ()) -> Any:
    """The thing itself when its fields and rules hold. Raises NotAcceptable naming every wrong field."""
    try:
        thing.full_clean(exclude=exclude)
    except ValidationError as wrong:
        raise NotAcceptable(
            {field: [error for item in errors for error in item.messages] for field, errors in wrong.error_dict.items()}
        ) from wrong
    return thing
