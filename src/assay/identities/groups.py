"""Groups and groups in groups: names, membership through any number of levels, and the nestings refused."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from assay.values import GroupId, Reason, Value

MAX_NAME = 256  # Graph's limit
MAX_DESCRIPTION = 1024
MAX_DEPTH = 10  # groups on the longest path from the outermost to the innermost

Parents = Mapping[GroupId, Collection[GroupId]]


class Group(Value, frozen=True, kw_only=True):
    """One group of people and of other groups."""

    id: GroupId
    name: str
    description: str = ""
    created_at: datetime

    @property
    def key(self) -> str:
        """The canonical name."""
        return canonical_group_name(self.name)


def canonical_group_name(name: str) -> str:
    """The form in which group names are compared: NFKC, casefolded, runs of white space as one space."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def group_refusal(group: Group) -> Reason | None:
    """Why this group cannot be stored as given, or None."""
    if len(group.description) > MAX_DESCRIPTION:
        return Reason.of("groupDescriptionTooLong", maximum=str(MAX_DESCRIPTION))
    if not "".join(group.description.split()).isprintable():
        return Reason.of("groupDescriptionCharacter")
    return group_name_refusal(group.name)


def group_name_refusal(name: str) -> Reason | None:
    """Why no group can be called this, or None; controls and bidi overrides could forge a list's look."""
    if len(name) > MAX_NAME or len(canonical_group_name(name)) > MAX_NAME:
        return Reason.of("groupNameTooLong", maximum=str(MAX_NAME))
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
        return Reason.of("groupNameCharacter")
    return None if canonical_group_name(name) else Reason.of("groupNameEmpty")


def transitive_groups(direct: Iterable[GroupId], parents: Parents) -> frozenset[GroupId]:
    """The groups a person is in, directly or through groups; `parents` maps a group to the groups it is a member of."""
    found: set[GroupId] = set()
    waiting = list(direct)
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting.extend(parents.get(group, ()))
    return frozenset(found)


def nesting_refusal(parent: GroupId, child: GroupId, parents: Parents) -> Reason | None:
    """Why `child` cannot become a member of `parent`, or None; `parents` is acyclic and lacks the new edge."""
    above = transitive_groups((parent,), parents)
    if child in above:
        return Reason.of("groupCycle", parent=parent, child=child)
    if _levels(parent, parents) + _levels(child, _children(parents)) > MAX_DEPTH:
        return Reason.of("groupTooDeep", maximum=str(MAX_DEPTH))
    return None


def _children(parents: Parents) -> dict[GroupId, list[GroupId]]:
    children: dict[GroupId, list[GroupId]] = {}
    for child, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(child)
    return children


def _levels(start: GroupId, edges: Parents) -> int:
    """How many groups the longest path from `start` holds; level by level, so that wide graphs stay cheap."""
    levels, frontier = 0, {start}
    while frontier and levels <= MAX_DEPTH:
        levels += 1
        frontier = {reached for group in frontier for reached in edges.get(group, ())}
    return levels
