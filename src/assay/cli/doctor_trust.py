"""Whether this machine's browsers take the certificates of the own authority without a warning."""

from collections.abc import Sequence
from pathlib import Path

from assay.cli.doctor_findings import Finding, Severity, good
from assay.cli.trust_stores import TrustStore, read_authority
from assay.values import InvalidInputError


def trust_finding(authority: Path, stores: Sequence[TrustStore], *, here: bool) -> Finding | None:
    """What the stores of this machine and this user say of the authority; None where there is none of our own.

    `here`: the apps are for people at this machine.
    """
    try:
        trusted = read_authority(authority)
    except InvalidInputError:
        return None
    browsers = [each for each in stores if each.name.startswith("browser")]
    missing = [each.name for each in stores if not each.holds(trusted)]
    if browsers and not missing:
        return good("trust", f"this machine's browsers trust {authority}")
    return Finding(
        check="trust",
        severity=Severity.WARNING if here else Severity.NOTE,
        # Chromium takes a certificate that was clicked away for a passkey on localhost, and nowhere else.
        message="browsers warn of the certificate"
        + ("" if here else ", and Chromium makes no passkeys,")
        + " until they trust our own authority"
        + (f"; it is missing in: {', '.join(missing)}" if browsers else ""),
        fix="assay trust; on other machines: assay trust --ca authority.pem"
        + ("" if browsers else "; browsers need certutil for it: libnss3-tools, nss-tools or nss"),
    )
