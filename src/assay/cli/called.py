"""What ids in the words of proofs are called by the service."""

import re
from typing import Final

from assay.api.shapes.apps import AppList
from assay.api.shapes.groups import GroupList
from assay.cli.client import Client

_ID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class Called:
    """Groups and apps by their names; asked for once, and only where there is an id in words for people.

    What is kept of a proof has ids, so that it holds nobody's names; whoever may list groups and apps reads them here.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, str] | None = None

    def __call__(self, words: str) -> str:
        """The same with names; an id of nothing that is there, or of a person, stays."""
        if self._client.as_json or not _ID.search(words):
            return words
        if self._names is None:
            # What was done is said all the same where the service has stopped answering meanwhile.
            groups, apps = self._client.known("/groups", GroupList), self._client.known("/apps", AppList)
            self._names = {each.id: each.display_name for found in (groups, apps) if found for each in found.value}
        names = self._names
        return _ID.sub(lambda found: names.get(found[0], found[0]), words)
