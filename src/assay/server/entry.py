"""The flows of people on their way in, composed for the pages, the admin API and the demo."""

from collections.abc import Callable
from dataclasses import dataclass

from litestar.types import ASGIApp

from assay.access.admission import Admission
from assay.access.command_lines import CommandLines
from assay.access.enrol import Enrol
from assay.access.guessing import Guessing
from assay.access.help_desk import HelpDesk
from assay.access.own_devices import OwnDevices
from assay.access.own_home import OwnHome
from assay.access.own_resets import OwnResets
from assay.access.own_sessions import OwnSessions
from assay.access.own_sign_ins import OwnSignIns
from assay.access.premises import Premises
from assay.access.register_method import MethodRegistrar
from assay.access.resets import Resets
from assay.access.revoke_sessions import Settled
from assay.access.sign_in import SignIn
from assay.access.signals import Signals
from assay.access.tickets import Tickets
from assay.access.verify_method import MethodVerifier
from assay.identities.hashing import PasswordHashing
from assay.pages import PagesSettings, create_pages
from assay.server.settings import ServiceSettings
from assay.values import Reason


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a person goes through before an app, and what helps whoever cannot."""

    guessing: Guessing
    verifier: MethodVerifier
    sign_in: SignIn
    enrol: Enrol
    resets: Resets
    help_desk: HelpDesk
    own_resets: OwnResets
    command_lines: CommandLines
    own_home: OwnHome
    own_sessions: OwnSessions
    own_devices: OwnDevices
    own_sign_ins: OwnSignIns
    tickets: Tickets


def compose_entry(
    premises: Premises,
    signals: Signals,
    hashing: PasswordHashing,
    settings: ServiceSettings,
    *,
    jwks: Callable[[], bytes],
    settled: Settled,
) -> Entry:
    """The flows, sharing one place that admits and one that counts what is guessed."""
    admission = Admission(premises, settings.session_limits)
    guessing = Guessing(premises, settings.guessing)
    verifier = MethodVerifier(premises, hashing, guessing)
    sign_in = SignIn(premises, signals=signals, admission=admission, verifier=verifier, guessing=guessing)
    resets = Resets(premises, settings.resets)
    return Entry(
        guessing=guessing,
        verifier=verifier,
        sign_in=sign_in,
        enrol=Enrol(
            premises,
            signals=signals,
            admission=admission,
            registrar=MethodRegistrar(premises, verifier.relying_party, hashing, settings.passwords),
            guessing=guessing,
            session=sign_in.session,
        ),
        resets=resets,
        help_desk=HelpDesk(premises, signals=signals, resets=resets, session=sign_in.session),
        own_resets=OwnResets(premises, visit=sign_in.own_page),
        command_lines=CommandLines(
            premises, signals=signals, admission=admission, guessing=guessing, session=sign_in.session
        ),
        own_home=OwnHome(premises, signals=signals, visit=sign_in.own_page),
        own_sessions=OwnSessions(premises, signals=signals, visit=sign_in.own_page, settled=settled),
        own_devices=OwnDevices(premises, visit=sign_in.own_page),
        own_sign_ins=OwnSignIns(premises, visit=sign_in.own_page),
        tickets=Tickets(premises, signals=signals, admission=admission, repeated=guessing.repeated, jwks=jwks),
    )


def compose_pages(entry: Entry, settings: ServiceSettings, *, closed: Callable[[], Reason | None]) -> ASGIApp:
    """The pages in front of the flows; `closed`: why nothing new may be trusted on this node at the moment."""
    return create_pages(
        sign_in=entry.sign_in,
        enrol=entry.enrol,
        tickets=entry.tickets,
        help_desk=entry.help_desk,
        own_resets=entry.own_resets,
        command_lines=entry.command_lines,
        own_home=entry.own_home,
        own_sessions=entry.own_sessions,
        own_devices=entry.own_devices,
        own_sign_ins=entry.own_sign_ins,
        settings=PagesSettings(base_domain=settings.base_domain, port=settings.typed_port),
        closed=closed,
    )
