"""The base of the repair desk's pages: changes are kept with their reason, nothing is deleted."""

from typing import Any

from simple_history.admin import SimpleHistoryAdmin


class Repair(SimpleHistoryAdmin):
    """A row that may be repaired. Deleting is no repair; the history stays readable beside it."""

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
