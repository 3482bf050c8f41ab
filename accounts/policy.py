"""A route says who may pass, as data; nothing passes that says nothing.

Every view carries `policy`: a mapping from HTTP method to what the method asks for. The gate
(`web.gate.DeclaredAccess` for pages, `api.access.Declared` for the API) and the generated
access walk of the tests read the same mapping.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from accounts.roles import Right


class Everyone(Enum):
    """Entry conditions that are not rights."""

    PUBLIC = "public"  # anyone, signed in or not
    SIGNED_IN = "signed in"  # any person, for their own account only
    KNOWN = "known"  # any person or device, about themselves only


Need = Right | Everyone


@dataclass(frozen=True)
class Policy:
    """What each method of a route needs.

    `needs` maps upper-case methods to a Right or to Everyone; HEAD follows GET, OPTIONS is always
    answered. `object_of` names the kind of row that the route's key selects ("tenant", "paper", ...):
    the access walk tries every role on an own, a foreign and an absent one.
    """

    needs: Mapping[str, Need]
    object_of: str = ""

    def need(self, method: str) -> Need | None:
        return self.needs.get("GET" if method == "HEAD" else method)


def public(*methods: str) -> Policy:
    """Open to anyone."""
    return Policy(dict.fromkeys(methods or ("GET",), Everyone.PUBLIC))


def own_account(*methods: str) -> Policy:
    """Open to any person who has signed in, and only about themselves."""
    return Policy(dict.fromkeys(methods or ("GET",), Everyone.SIGNED_IN))


def declared(policy: Policy) -> Callable[[Any], Any]:
    """Attach a policy to a function view or to the view of a library."""

    def attach(view: Any) -> Any:
        view.policy = policy
        return view

    return attach


def policy_of(callback: Any) -> Policy | None:
    """The policy of a resolved view: its own, its class's, or that of the site it belongs to."""
    for holder in (callback, getattr(callback, "view_class", None), getattr(callback, "cls", None)):
        policy = getattr(holder, "policy", None)
        if isinstance(policy, Policy):
            return policy
    while callback is not None:
        owner = getattr(callback, "model_admin", None) or getattr(callback, "__self__", None)
        site = getattr(callback, "admin_site", None) or getattr(owner, "admin_site", owner)
        policy = getattr(site, "policy", None)
        if isinstance(policy, Policy):
            return policy
        callback = getattr(callback, "__wrapped__", None)
    return None
