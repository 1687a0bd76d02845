"""Guests and accounts of agents in a policy's sentence: which sort, of which tenants."""

from collections.abc import Callable, Sequence
from typing import Final

from assay.policy.condition_set import ALL
from assay.policy.request import GuestType
from assay.values.text import _

_GUESTS: Final = {
    GuestType.INTERNAL_GUEST: _("internal guests"),
    GuestType.B2B_COLLABORATION_GUEST: _("B2B collaboration guests"),
    GuestType.B2B_COLLABORATION_MEMBER: _("B2B collaboration members"),
    GuestType.B2B_DIRECT_CONNECT_USER: _("B2B direct connect users"),
    GuestType.OTHER_EXTERNAL_USER: _("other external users"),
    GuestType.SERVICE_PROVIDER: _("service providers"),
}


def guests(types: Sequence[GuestType], tenants: Sequence[str], say: Callable[[str], str]) -> list[str]:
    """Guests by their types, where not all are meant, and by the ids of their tenants, where not of all."""
    if not types:
        return []
    named = [say(_("guests"))] if set(types) == set(GuestType) else [say(_GUESTS[each]) for each in types]
    return [say(_("{0} of {1}")).format(each, ", ".join(tenants)) for each in named] if tenants else named


def agents(accounts: Sequence[str], name: Callable[[str], str], say: Callable[[str], str]) -> list[str]:
    """Accounts that agents sign in with."""
    one, every = say(_("the agent's account {0}")), say(_("all accounts of agents"))
    return [every if each == ALL else one.format(name(each)) for each in accounts]
