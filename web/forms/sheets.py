"""Forms about sheets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models import SheetKind
from web.forms.tenancy import PlainForm


class SheetForm(PlainForm):
    """A workbook is handed in."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=SheetKind.choices, widget=forms.RadioSelect, initial=SheetKind.CATALOGUE
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("An Excel workbook (.xlsx) of at most 10 MB and 50,000 rows. You may also drop it here."),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    )

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        """`kinds`: those that the reader may hand in."""
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [it for it in SheetKind.choices if it[0] in kinds]  # type: ignore[attr-defined]
        self.fields["file"].error_messages["required"] = _("Choose the workbook.")


class ConfirmSheetForm(PlainForm):
    """A checked sheet is to be applied."""

    only_good = forms.BooleanField(
        label=_("Apply only the good rows"),
        help_text=_("The wrong rows are left out; mend them in the marked workbook and hand that in."),
        required=False,
    )

    def __init__(self, *args: Any, faulty: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not faulty:
            del self.fields["only_good"]
