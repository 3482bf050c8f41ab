"""Kinds of movements as data: from where to where each goes, who may make it, and whether it needs a reason.

Kinds that are not here are made by their papers only: a receipt by receiving, a pick by picking, a count by counting.
"""

from dataclasses import dataclass

from accounts.roles import Right
from inventory.models import MovementKind, PlaceKind

SHOP_LIKE = (PlaceKind.UNIT, PlaceKind.FAIR)
STORED = (PlaceKind.DOCK, PlaceKind.BIN)


@dataclass(frozen=True)
class Way:
    """How goods may go under a kind of movement. A single virtual target or source need not be named."""

    sources: tuple[PlaceKind, ...]
    targets: tuple[PlaceKind, ...]
    right: Right
    needs_reason: bool = False
    # Sales stop at the last good day of food (FSS Act, 2006, s. 26 and the Labelling and Display Regulations, 2020).
    refuses_expired: bool = False


WAYS: dict[str, Way] = {
    MovementKind.SALE: Way(SHOP_LIKE, (PlaceKind.BUYER,), Right.HANDLE_STOCK, refuses_expired=True),
    MovementKind.SALE_RETURN: Way((PlaceKind.BUYER,), SHOP_LIKE, Right.HANDLE_STOCK),
    MovementKind.PUT_AWAY: Way((PlaceKind.DOCK,), (PlaceKind.BIN,), Right.KEEP_STOCK),
    MovementKind.RELOCATION: Way((PlaceKind.BIN,), (PlaceKind.BIN,), Right.KEEP_STOCK),
    MovementKind.QUARANTINE: Way(STORED, (PlaceKind.QUARANTINE,), Right.KEEP_STOCK, needs_reason=True),
    MovementKind.RELEASE: Way((PlaceKind.QUARANTINE,), (PlaceKind.BIN,), Right.KEEP_STOCK, needs_reason=True),
    MovementKind.OWNER_RETURN: Way(
        (PlaceKind.DOCK, PlaceKind.BIN, PlaceKind.QUARANTINE), (PlaceKind.OWNER,), Right.KEEP_STOCK, needs_reason=True
    ),
}
