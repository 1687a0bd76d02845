"""The way out for messages that the settings name."""

from pathlib import Path

from assay.access.premises import Addresses, Premises
from assay.messages.carrier import Carrier
from assay.messages.deliver import Delivery
from assay.messages.file_carrier import FileCarrier
from assay.messages.render import Letterhead
from assay.messages.settings import MailSettings, Transport, mail_refusal
from assay.messages.smtp_carrier import SmtpCarrier, read_secret
from assay.store import Dialect
from assay.values import InvalidInputError


def carrier_of(settings: MailSettings, addresses: Addresses, data: Path) -> Carrier | None:
    """The carrier, None where none is named; raises InvalidInputError, also for a password that cannot be read."""
    refusal = mail_refusal(settings)
    if refusal is not None:
        raise InvalidInputError(refusal, remedy="correct the section [mail] of the configuration file")
    if settings.transport is Transport.FILE:
        return FileCarrier(settings.directory or data / "mail")
    if settings.transport is Transport.NONE:
        return None
    if settings.user_name:
        try:
            read_secret(settings.password_file)
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                f"the mail server's password cannot be read: {error}",
                remedy="put it alone on one line of the file that mail.password_file names",
            ) from error
    return SmtpCarrier(settings, local_host=addresses.id_host)


def compose_delivery(premises: Premises, settings: MailSettings, data: Path) -> Delivery:
    """The one who empties the outbox on this node."""
    addresses = premises.addresses
    return Delivery(
        premises.store,
        clock=premises.clock,
        random=premises.random,
        record=premises.record,
        head=Letterhead(
            sender=settings.sender or f"assay@{addresses.id_host}",
            id_host=addresses.id_host,
            id_origin=addresses.id_origin,
        ),
        carrier=carrier_of(settings, addresses, data),
        # One process for each data directory (server/data_directory.py).
        alone=premises.store.database.dialect is Dialect.SQLITE,
    )
