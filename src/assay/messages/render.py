"""A message as it is sent: text and HTML in the person's language; nothing in it is loaded from anywhere.

The only link leads to our own sign-in host, from the settings. What others wrote (names, programs, addresses) is cut,
cleaned of controls, and kept from being read as a link or as a header.
"""

import re
import unicodedata
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from assay.messages.message import Message
from assay.messages.wording import DETAILS, METHODS, WORDING
from assay.values import Value
from assay.values.mailbox import mailbox
from assay.values.text import _, translations

NAME_LIMIT: Final = 100
VALUE_LIMIT: Final = 200
# Seven bits, because not every server on the way takes eight.
_POLICY: Final = SMTP.clone(cte_type="7bit")
_WHEN: Final = _("When")
# A dot before a letter makes mail programs see a host name; two slashes make them see an address of the web.
_LINKISH: Final = re.compile(r"(?<=\S)\.(?=[^\W\d_])|(?<=/)(?=/)|(?<=:)(?=/)")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Letterhead(Value, frozen=True, kw_only=True):
    """Who writes: the sender's mailbox, our sign-in host and its origin; all of it from the settings."""

    sender: str
    id_host: str
    id_origin: str


def render(message: Message, head: Letterhead) -> EmailMessage | None:
    """The message, ready to be sent; None when an address is no plain mailbox."""
    recipient, sender = mailbox(message.recipient), mailbox(head.sender)
    if recipient is None or sender is None:
        return None
    texts = translations(_primary(message.language))
    words = _words(message, head, texts)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address("Assay", *sender)
    # Without the name: the library loses its quotes where it folds a long one, and what is in it becomes an address.
    mail["To"] = Address("", *recipient)
    mail["Subject"] = words["subject"]
    mail["Date"] = message.created_at
    # The same at every attempt: a server or program that keeps both copies can tell that they are one.
    mail["Message-ID"] = f"<{message.id}@{head.id_host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    environment = _environment(_primary(message.language))
    mail.set_content(environment.get_template("notice.txt").render(words, details=_details(message, texts)))
    html = environment.get_template("notice.html").render(words, details=_details(message, texts))
    mail.add_alternative(html, subtype="html")
    return mail


def octets(mail: EmailMessage) -> bytes:
    """The message as it goes over the wire: lines end with CRLF (RFC 5321 §2.3.8)."""
    return mail.as_bytes(policy=_POLICY)


def cleaned(text: str, limit: int) -> str:
    """What others wrote, on one line, without what cannot be seen, and not to be taken for a link."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text[:limit])
    return " ".join(_LINKISH.sub(lambda found: f" {found[0]} " if found[0] else " ", seen).split())


class _Parameters(dict[str, str]):
    """Parameters of a sentence; one that is missing leaves a gap, because an alarm must not fail over it."""

    def __missing__(self, key: str) -> str:
        return "…"


def _words(message: Message, head: Letterhead, texts: NullTranslations) -> dict[str, str]:
    wording = WORDING[message.notice]
    parameters = _Parameters({name: cleaned(value, VALUE_LIMIT) for name, value in message.parameters})
    return {
        "language": _primary(message.language),
        "name": _name(message.name),
        "subject": texts.gettext(wording.subject).format_map(parameters),
        "happened": texts.gettext(wording.happened).format_map(parameters),
        "advice": texts.gettext(wording.advice),
        "link": f"{head.id_origin}/",
        "host": head.id_host,
        "when_label": texts.gettext(_WHEN),
        "when": f"{message.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
    }


def _details(message: Message, texts: NullTranslations) -> list[tuple[str, str]]:
    given = dict(message.parameters)
    return [
        (texts.gettext(label), texts.gettext(METHODS.get(given[name], cleaned(given[name], VALUE_LIMIT))))
        for name, label in DETAILS.items()
        if given.get(name)
    ]


def _name(name: str) -> str:
    return cleaned(name, NAME_LIMIT) or "-"


def _primary(language: str) -> str:
    return language.partition("-")[0].lower() or "en"


@cache
def _environment(language: str) -> Environment:
    texts = translations(language)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension above
        texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext, npgettext=texts.npgettext
    )
    return environment
