"""What an administrator should know about the installation as a whole."""

from datetime import datetime

from assay.access.administrators import administrators
from assay.access.premises import Premises
from assay.identities.records import enrolments, users
from assay.store import Reader, StoreUnavailableError
from assay.store.releases import OtherReleaseError
from assay.values import Value


class Overview(Value, frozen=True, kw_only=True):
    """How many enrolment links are open, how many enabled people administer; as of `now`.

    `outage`: why nobody knows, "" while the database answers; `other_release`: it does, to nodes of another release.
    """

    open_enrolment_links: int
    administrators: int
    now: datetime
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
            return Overview(
                open_enrolment_links=sum(enrolments.open_pass(reader, user.id, at) is not None for user in everyone),
                administrators=len(administrators(reader)),
                now=at,
            )

        try:
            return await self._premises.store.read(look)
        except StoreUnavailableError as error:
            # Whoever asks what is wrong is told just that.
            other = isinstance(error, OtherReleaseError)
            return Overview(open_enrolment_links=0, administrators=0, now=at, outage=error.message, other_release=other)
