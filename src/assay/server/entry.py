"""The flows of people on their way in, composed for the pages, the admin API and the demo."""

from collections.abc import Callable
from dataclasses import dataclass

from assay.access.admission import Admission
from assay.access.command_lines import CommandLines
from assay.access.enrol import Enrol
from assay.access.guessing import Guessing
from assay.access.help_desk import HelpDesk
from assay.access.own_resets import OwnResets
from assay.access.premises import Premises
from assay.access.register_method import MethodRegistrar
from assay.access.resets import Resets
from assay.access.sign_in import SignIn
from assay.access.signals import Signals
from assay.access.tickets import Tickets
from assay.access.verify_method import MethodVerifier
from assay.identities.hashing import PasswordHashing
from assay.server.settings import ServiceSettings


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
    tickets: Tickets


def compose_entry(
    premises: Premises,
    signals: Signals,
    hashing: PasswordHashing,
    settings: ServiceSettings,
    *,
    jwks: Callable[[], bytes],
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
        own_resets=OwnResets(premises, session=sign_in.session),
        command_lines=CommandLines(
            premises, signals=signals, admission=admission, guessing=guessing, session=sign_in.session
        ),
        tickets=Tickets(premises, signals=signals, admission=admission, repeated=guessing.repeated, jwks=jwks),
    )
