"""One certificate from an ACME server (RFC 8555): account, order, DNS-01 challenges, the signed chain."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from assay.gateway.dns_hook import REMOVE, SET, HookError, run_hook
from assay.values import AssayError, Value

if TYPE_CHECKING:
    from acme import client, messages

Key: TypeAlias = ec.EllipticCurvePrivateKey

_LOG: Final = logging.getLogger("assay.gateway.acme")
_ORDER_WITHIN: Final = timedelta(minutes=5)
_ANSWER_SECONDS: Final = 30
_AGENT: Final = "assay"


class AcmeError(AssayError):
    """The authority refused, could not be reached, or did not believe the challenge."""


class AcmeAccount(Value, frozen=True, kw_only=True):
    """Who asks: `eab_key_id` and `eab_hmac_key` bind the account to one elsewhere (RFC 8555 §7.3.4).

    `server_authority`: a PEM file that the server's own certificate is checked against, in place of the system's.
    """

    directory_url: str
    hook: tuple[str, ...]
    email: str = ""
    eab_key_id: str = ""
    eab_hmac_key: str = ""
    server_authority: Path | None = None


def order_certificate(
    account: AcmeAccount,
    names: tuple[str, ...],
    *,
    account_key: Key,
    key: Key,
) -> bytes:
    """The chain for these names and this key in PEM, leaf first. Blocks for minutes; raises AcmeError or HookError."""
    try:
        from acme import errors
        from josepy.errors import Error as JoseError
        from requests import RequestException
    except ImportError as error:
        raise AcmeError("the `acme` library is missing", remedy="pip install 'assay[acme]'") from error
    try:
        return _order(account, names, account_key=account_key, key=key)
    except (errors.Error, JoseError, RequestException) as error:
        raise AcmeError(
            f"{account.directory_url} gave no certificate: {_words(error)}",
            remedy="the old one stays in use, and it is tried again later",
        ) from error


def _order(
    account: AcmeAccount,
    names: tuple[str, ...],
    *,
    account_key: Key,
    key: Key,
) -> bytes:
    authority = _signed_in(account, account_key)
    deadline = datetime.now() + _ORDER_WITHIN  # noqa: DTZ005 - the library compares with naive local time
    order = authority.new_order(_request(names, key))
    with _challenges_met(authority, order, account.hook):
        order = authority.poll_and_finalize(order, deadline=deadline)
    return order.fullchain_pem.encode()


def _signed_in(account: AcmeAccount, account_key: Key) -> "client.ClientV2":
    """A client with its account: made at the first order, found by its key afterwards."""
    from acme import client, errors, messages
    from josepy.jwa import ES256
    from josepy.jwk import JWKEC
    from josepy.util import ComparableECKey

    jwk = JWKEC(key=ComparableECKey(account_key))
    # requests takes the path of a PEM file in the same place as a truth value.
    trusted = cast("bool", str(account.server_authority)) if account.server_authority is not None else True
    network = client.ClientNetwork(jwk, alg=ES256, verify_ssl=trusted, user_agent=_AGENT, timeout=_ANSWER_SECONDS)
    directory = client.ClientV2.get_directory(account.directory_url, network)
    authority = client.ClientV2(directory, network)
    binding = None
    if account.eab_key_id:
        binding = messages.ExternalAccountBinding.from_data(
            jwk.public_key(), account.eab_key_id, account.eab_hmac_key, directory
        )
    wanted = messages.NewRegistration.from_data(
        email=account.email or None, terms_of_service_agreed=True, external_account_binding=binding
    )
    try:
        authority.new_account(wanted)
    except errors.ConflictError as known:
        found = messages.RegistrationResource(body=messages.Registration(), uri=known.location)
        network.account = authority.query_registration(found)
    return authority


@contextmanager
def _challenges_met(
    authority: "client.ClientV2", order: "messages.OrderResource", hook: tuple[str, ...]
) -> Iterator[None]:
    """Every record set before the first is looked for, and each removed again whatever happens."""
    from acme import challenges, messages

    records: list[tuple[str, str]] = []
    answers = []
    try:
        for each in order.authorizations:
            if each.body.status == messages.STATUS_VALID:
                continue
            name = each.body.identifier.value
            offered = [one for one in each.body.challenges if isinstance(one.chall, challenges.DNS01)]
            if not offered:
                raise AcmeError(f"the authority offers no DNS challenge for {name}", remedy="use another authority")
            challenge = offered[0]
            response, value = challenge.response_and_validation(authority.net.key)
            record = (challenge.chall.validation_domain_name(name), value)
            records.append(record)
            run_hook(hook, SET, *record)
            answers.append((challenge, response))
        for challenge, response in answers:
            authority.answer_challenge(challenge, response)
        yield
    finally:
        for record in records:
            # A record that stays harms nobody; the certificate is worth more.
            try:
                run_hook(hook, REMOVE, *record)
            except HookError as error:
                _LOG.warning("%s", error.message)


def _request(names: tuple[str, ...], key: Key) -> bytes:
    """A certificate signing request (RFC 2986) for these names and no subject."""
    alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return request.add_extension(alternative, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _words(error: Exception) -> str:
    """What went wrong, with what the authority said of each name."""
    from acme import errors

    if isinstance(error, errors.ValidationError):
        said = [
            f"{authorization.body.identifier.value}: {challenge.error}"
            for authorization in error.failed_authzrs
            for challenge in authorization.body.challenges
            if challenge.error is not None
        ]
        return "; ".join(said)
    return str(error) or type(error).__name__
