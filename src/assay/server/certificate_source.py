"""The source of the gateway's certificate that the settings ask for."""

from assay.clock import Clock
from assay.gateway.acme_order import AcmeAccount
from assay.server.acme_certificate import AcmeCertificate
from assay.server.certificates import Certificates, OperatorsCertificate, OwnCertificate, served_file
from assay.server.settings import ServiceSettings
from assay.server.vault import FileVault


def certificates_of(settings: ServiceSettings, vault: FileVault, clock: Clock) -> Certificates:
    """The operator's files, an ACME server, or this installation's own authority."""
    places, base_domain = settings.places, settings.base_domain
    if settings.tls is None:
        return OwnCertificate(vault.ensure_certificates, clock)
    if isinstance(settings.tls, AcmeAccount):
        return AcmeCertificate(
            settings.tls,
            base_domain=base_domain,
            place=places.certificates / base_domain,
            copy=served_file(places),
            ensure_own=vault.ensure_certificates,
            seal=vault.seal,
            open_sealed=vault.open_sealed,
            clock=clock,
        )
    return OperatorsCertificate(settings.tls, base_domain=base_domain, places=places, clock=clock)
