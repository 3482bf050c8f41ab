"""Numbers that others give to goods, checked as their issuers define them."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import ean


def check_gtin(value: str) -> None:
    """A GTIN of 8, 12, 13 or 14 digits and its check digit (GS1 General Specifications, 7.9)."""
    if not ean.is_valid(value):
        raise ValidationError(
            _("This is not a valid barcode number: the last digit checks the others. Read it from the package again."),
            code="wrong_gtin",
        )
