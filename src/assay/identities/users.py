"""A person: what is known, and which changes to it are acceptable."""

import unicodedata
from datetime import datetime
from uuid import UUID

from assay.identities.user_names import canonical, name_refusal
from assay.policy.request import UserKind
from assay.values import Reason, UserId, Value
from assay.values.mailbox import mailbox

MAX_DISPLAY_NAME = 256  # Graph's limit
MAX_LANGUAGE = 35  # RFC 5646 §4.4.1


class User(Value, frozen=True, kw_only=True):
    """One person; the id is never given to anybody else, also after deletion.

    `email` "" when none is known; `language` a BCP 47 tag, "" follows the browser.
    """

    id: UserId
    user_name: str
    display_name: str
    kind: UserKind
    enabled: bool = True
    created_at: datetime
    email: str = ""
    language: str = ""

    @property
    def key(self) -> str:
        """The canonical user name."""
        return canonical(self.user_name)


class UserPage(Value, frozen=True, kw_only=True):
    """Some people in the order of their canonical names; `after` continues the list, "" at its end."""

    users: tuple[User, ...]
    after: str


def user_refusal(user: User, before: User | None = None) -> Reason | None:
    """Why this person cannot be stored as given, or None.

    Who has an address from `before` that is taken no more keeps it until it is changed: `assay doctor` names them.
    """
    kept = before is not None and before.email == user.email
    return (
        id_refusal(user.id)
        or name_refusal(user.user_name)
        or display_name_refusal(user.display_name)
        or (None if kept else email_refusal(user.email))
        or language_refusal(user.language)
    )


def id_refusal(user_id: UserId) -> Reason | None:
    """Why this is no id, or None; one spelling of a GUID, so that no two ids are the same person."""
    try:
        return None if str(UUID(user_id)) == user_id else Reason.of("idMalformed")
    except ValueError:
        return Reason.of("idMalformed")


def display_name_refusal(name: str) -> Reason | None:
    """Why this display name is not acceptable, or None; controls and bidi overrides could forge a list's look."""
    if not name.strip():
        return Reason.of("displayNameEmpty")
    if len(name) > MAX_DISPLAY_NAME:
        return Reason.of("displayNameTooLong", maximum=str(MAX_DISPLAY_NAME))
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
        return Reason.of("displayNameCharacter")
    return None


def email_refusal(email: str) -> Reason | None:
    """Why no message could be sent to this address, or None; only receiving one proves that somebody reads it."""
    return None if not email or mailbox(email) is not None else Reason.of("emailMalformed")


def language_refusal(tag: str) -> Reason | None:
    """Why this is no BCP 47 tag, or None."""
    subtags = tag.split("-") if tag else []
    well_formed = all(subtag.isascii() and subtag.isalnum() and len(subtag) <= 8 for subtag in subtags)
    return None if well_formed and len(tag) <= MAX_LANGUAGE else Reason.of("languageMalformed")
