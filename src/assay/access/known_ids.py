"""Every id that a policy may name here, and the names by which people mean them."""

from collections.abc import Mapping, Sequence
from typing import Final

from assay.access.signals import read_policy_set
from assay.apps.records import apps, credentials
from assay.governance.roles import built_in_roles
from assay.identities.records import groups, users
from assay.policy import ConditionalAccessPolicy, ImportResult, KnownIds
from assay.policy.condition_set import ALL, ALL_TRUSTED, GUESTS_OR_EXTERNAL_USERS, NONE
from assay.policy.references import ReferenceKind, named_ids
from assay.policy.strengths import BUILT_IN
from assay.policy.targets import NAMED_TARGETS
from assay.store import Reader
from assay.values import InvalidInputError, UserId

_TOKENS: Final = frozenset({ALL, NONE, ALL_TRUSTED, GUESTS_OR_EXTERNAL_USERS})


def known_ids(reader: Reader, imported: ImportResult, of: Sequence[ConditionalAccessPolicy] | None = None) -> KnownIds:
    """What exists here, with what is being imported; of people only those whom the policies `of` name, if given."""
    now = read_policy_set(reader)
    return KnownIds(
        users=users.ids(reader) if of is None else _people_in(reader, of),
        groups=frozenset(group.id for group in groups.all_groups(reader)),
        roles=frozenset(built_in_roles()),
        apps=frozenset(app.id for app in apps.every(reader)),
        locations=frozenset(each.id for each in (*now.locations, *imported.locations)),
        strengths=frozenset(each.id for each in (*now.strengths, *imported.strengths)),
        service_principals=frozenset(credential.id for credential in credentials.every(reader).values()),
    )


def _people_in(reader: Reader, of: Sequence[ConditionalAccessPolicy]) -> frozenset[str]:
    return frozenset(users.several(reader, [UserId(each) for each in named_ids(of, ReferenceKind.USER)]))


def resolve_mapping(
    reader: Reader, mapping: tuple[tuple[str, str], ...], known: KnownIds, imported: ImportResult
) -> Mapping[str, str]:
    """`OLD=NEW` with every NEW as an id of here; raises InvalidInputError for what is unknown or ambiguous.

    What is being imported is here by its name too: a template's location has no id that anybody knows.
    """
    if not mapping:
        return {}
    by_name = _ids_by_name(reader, imported)
    resolved: dict[str, str] = {}
    for old, new in mapping:
        key, here = old.strip().lower() if _is_guid(old) else old.strip(), _resolve(new, by_name, known)
        if resolved.setdefault(key, here) != here:
            raise InvalidInputError(f"{key!r} is mapped to several things", remedy="map each id once")
    return resolved


def _resolve(text: str, by_name: Mapping[str, frozenset[str]], known: KnownIds) -> str:
    new = text.strip()
    several = (known.users, known.groups, known.roles, known.apps, known.locations, known.strengths)
    ids = frozenset().union(*several, known.service_principals)
    if new in _TOKENS or new in ids or new in BUILT_IN or new in NAMED_TARGETS:
        return new
    found = by_name.get(new.casefold(), frozenset())
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise InvalidInputError(
            f"{text!r} is the name of several things", remedy="use an id: " + ", ".join(sorted(found))
        )
    raise InvalidInputError(f"nothing here is called {text!r}", remedy="map to an id or a name that exists here")


def _ids_by_name(reader: Reader, imported: ImportResult) -> dict[str, frozenset[str]]:
    now = read_policy_set(reader)
    pairs: list[tuple[str, str]] = [
        *((user.user_name, user.id) for user in users.everyone(reader)),
        *((group.name, group.id) for group in groups.all_groups(reader)),
        *((role.display_name, role.id) for role in built_in_roles().values()),
        *((app.name, app.id) for app in apps.every(reader)),
        *((location.display_name, location.id) for location in (*now.locations, *imported.locations)),
        *((name, target) for target, name in NAMED_TARGETS.items()),
    ]
    found: dict[str, frozenset[str]] = {}
    for name, named in pairs:
        key = name.casefold()
        found[key] = found.get(key, frozenset()) | {named}
    return found


def _is_guid(text: str) -> bool:
    return len(text.strip()) == 36 and text.count("-") == 4
