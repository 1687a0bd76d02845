"""Check `Assay-Assertion`: who signed it, for which app, and until when (RFC 7519)."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assay_verify.keys import KeysUnavailableError

HEADER = "assay-assertion"
ALGORITHMS = ["ES256"]  # never what the token says of itself
LEEWAY = 30  # seconds between two clocks
LONGEST = 16 * 1024  # characters


class Keys(Protocol):
    """Where public keys come from."""

    async def holding(self, kid: str) -> KeySet: ...


@dataclass(frozen=True)
class Checked:
    """What an assertion turned out to be; `claims` are empty unless everything about it is right."""

    refusal: str = ""
    claims: dict[str, Any] = field(default_factory=dict)  # an app shows whatever claims there are
    key_id: str = ""

    @property
    def valid(self) -> bool:
        return not self.refusal


class Verifier:
    """Accepts assertions that `issuer` signed for `audience`, and no others."""

    def __init__(self, keys: Keys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    async def check(self, values: list[str]) -> Checked:
        """Check the request's `Assay-Assertion` headers; exactly one must be there."""
        if len(values) != 1 or not values[0]:
            return Checked(refusal="no assertion" if not any(values) else "more than one assertion")
        token = values[0]
        if len(token) > LONGEST:
            return Checked(refusal="the assertion is too long")
        try:
            key_id = str(jws.extract_compact(token.encode()).headers().get("kid", ""))
            decoded = jwt.decode(token, await self._keys.holding(key_id), algorithms=ALGORITHMS)
            self._claims.validate(decoded.claims)
        except KeysUnavailableError as error:
            return Checked(refusal=f"the gateway's keys cannot be fetched ({error})")
        except (JoseError, ValueError) as error:
            return Checked(refusal=f"the assertion is not valid ({type(error).__name__}: {error})")
        return Checked(claims=dict(decoded.claims), key_id=key_id)
