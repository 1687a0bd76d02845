"""What an administrator should know about the installation as a whole."""

from datetime import datetime
from typing import Final

from assay.access.administrators import administrators
from assay.access.assertion import groups_that_fit
from assay.access.damage import in_words
from assay.access.premises import Premises
from assay.governance.records import rollouts
from assay.identities.records import enrolments, groups, users
from assay.identities.users import User, email_refusal
from assay.store import Reader, StoreUnavailableError
from assay.store.releases import OtherReleaseError
from assay.values import Value

MOST_NAMED: Final = 20


class Overview(Value, frozen=True, kw_only=True):
    """How many enrolment links are open, how many enabled people administer; as of `now`.

    `untold`: the first of those people to whose address no message can be sent, `untold_people` how many they are;
    `many_groups`, `many_groups_people`: those in more groups than apps are told of.
    `skipped`: rows that lists leave out because they cannot be read, in words.
    `outage`: why nobody knows, "" while the database answers; `other_release`: it does, to nodes of another release.
    """

    open_enrolment_links: int
    administrators: int
    now: datetime
    untold: tuple[str, ...] = ()
    untold_people: int = 0
    many_groups: tuple[str, ...] = ()
    many_groups_people: int = 0
    skipped: tuple[str, ...] = ()
    outage: str = ""
    other_release: bool = False


class Survey:
    """The flow behind `assay doctor`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def look(self) -> Overview:
        """As things are now."""
        at = self._premises.now()

        def look(reader: Reader) -> Overview:
            everyone = users.everyone(reader)
            untold = tuple(user.user_name for user in everyone if email_refusal(user.email) is not None)
            inside = groups.effective_groups_of_all(reader)
            names = {group.id: group.name for group in groups.all_groups(reader)}

            def cut(user: User) -> bool:
                said = sorted(names[group] for group in inside.get(user.id, ()) if group in names)
                return len(groups_that_fit(said)) < len(said)

            many = tuple(user.user_name for user in everyone if cut(user))
            rollouts.every(reader)
            unread = (*self._premises.store.skipped.still(reader), *reader.damaged[rollouts.rollout_table.name])
            return Overview(
                open_enrolment_links=sum(enrolments.open_pass(reader, user.id, at) is not None for user in everyone),
                administrators=len(administrators(reader)),
                untold=untold[:MOST_NAMED],
                untold_people=len(untold),
                many_groups=many[:MOST_NAMED],
                many_groups_people=len(many),
                now=at,
                skipped=tuple(map(in_words, unread)),
            )

        try:
            return await self._premises.store.read(look)
        except StoreUnavailableError as error:
            # Whoever asks what is wrong is told just that.
            other = isinstance(error, OtherReleaseError)
            return Overview(open_enrolment_links=0, administrators=0, now=at, outage=error.message, other_release=other)
