"""Decode what browsers send: queries, forms and the script's JSON, each field known, single and bounded."""

from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from assay.access.visitor import Destination
from assay.events.decision import SHORT_CODE_LENGTH
from assay.values import InvalidInputError, Value

MAX_BODY = 64 * 1024  # octets
MAX_FIELDS = 16
MAX_PASS = 128  # characters of the code in an enrolment link
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Name = Annotated[str, Meta(max_length=320)]
# Longer than any password that is accepted, so that the refusal is a sentence beside the field.
Secret = Annotated[str, Meta(max_length=1024)]
Code = Annotated[str, Meta(max_length=128)]
AppKey = Annotated[str, Meta(max_length=64)]
AppPath = Annotated[str, Meta(max_length=8192)]
ShortCode = Annotated[str, Meta(max_length=SHORT_CODE_LENGTH)]
State = Annotated[str, Meta(max_length=256)]


class Form(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of one form; an unknown one is refused, so that a misspelt name is found."""


class DestinationForm(Form, frozen=True, kw_only=True):
    """Where the person wanted to go, carried through every form on the way."""

    app: AppKey = ""
    path: AppPath = "/"
    state: State = ""
    # Only in the query with which an app's host sends somebody here; no form carries it on.
    refused: ShortCode = ""

    @property
    def destination(self) -> Destination:
        return Destination(app=self.app, path=self.path, state=self.state, refused=self.refused)


class PasswordForm(DestinationForm, frozen=True, kw_only=True):
    """User name and password."""

    user_name: Name
    password: Secret


class CodeForm(DestinationForm, frozen=True, kw_only=True):
    """A code from an authenticator app, or a recovery code."""

    code: Code


class NewPasswordForm(Form, frozen=True, kw_only=True):
    """A new password, typed twice; `user_name` is there for password managers only."""

    password: Secret
    repeated: Secret
    user_name: Name = ""


class NewTotpForm(Form, frozen=True, kw_only=True):
    """The first code of a new authenticator app."""

    code: Code


class ResetRequestForm(Form, frozen=True, kw_only=True):
    """Whose methods are to be reset, by exact user name, and why."""

    user_name: Name
    why: Annotated[str, Meta(max_length=1024)]


class ResetForm(Form, frozen=True, kw_only=True):
    """Which reset."""

    id: AppKey


class DeviceForm(Form, frozen=True, kw_only=True):
    """The code that a command line shows, as typed."""

    code: Code


class DeviceAnswerForm(DeviceForm, frozen=True, kw_only=True):
    """Whether that command line is let in."""

    answer: Literal["allow", "deny"]


class OAuthForm(Form, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What programs send; OAuth ignores parameters that it does not know (RFC 6749 §3.2)."""

    client_id: Annotated[str, Meta(max_length=64)] = ""


class DeviceAuthorizationForm(OAuthForm, frozen=True, kw_only=True):
    """A command line asks for a code (RFC 8628 §3.1); `device_name` is ours: how it calls itself."""

    device_name: Annotated[str, Meta(max_length=256)] = ""


class TokenForm(OAuthForm, frozen=True, kw_only=True):
    """A command line asks whether it is let in (§3.4)."""

    grant_type: Annotated[str, Meta(max_length=128)] = ""
    device_code: Annotated[str, Meta(max_length=128)] = ""


class RevocationForm(OAuthForm, frozen=True, kw_only=True):
    """A command line gives its token back (RFC 7009 §2.1)."""

    token: Annotated[str, Meta(max_length=256)] = ""


class OwnThingForm(Form, frozen=True, kw_only=True):
    """Which of the person's own sessions, devices or methods."""

    id: AppKey


class SignInsQuery(Form, frozen=True, kw_only=True):
    """From where the list of sign-ins goes on."""

    before: AppKey = ""


class TicketQuery(Form, frozen=True, kw_only=True):
    """The single-use ticket that carries a session to an app's own host."""

    ticket: Annotated[str, Meta(max_length=128)]


class PasskeyAnswer(DestinationForm, frozen=True, kw_only=True):
    """What the authenticator answered at sign-in; `credential` is WebAuthn's AuthenticationResponseJSON."""

    handle: Code
    credential: msgspec.Raw


class NewPasskeyAnswer(Form, frozen=True, kw_only=True):
    """What the authenticator answered at registration; `credential` is WebAuthn's RegistrationResponseJSON."""

    handle: Code
    credential: msgspec.Raw
    name: Annotated[str, Meta(max_length=128)] = ""


class Nothing(Form, frozen=True, kw_only=True):
    """A form that is only a button."""


F = TypeVar("F", bound=Form)


def read_fields(encoded: bytes, kind: type[F]) -> F:
    """Decode a query or a form (application/x-www-form-urlencoded, UTF-8)."""
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(encoded),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise InvalidInputError("a field was sent twice")
        if any("\0" in value for value in fields.values()):
            raise InvalidInputError("a field holds a NUL character")
        return msgspec.convert(fields, kind)
    except (ValueError, msgspec.ValidationError) as error:
        raise InvalidInputError(f"the fields cannot be read: {type(error).__name__}") from error


def read_json(encoded: bytes, kind: type[F]) -> F:
    """Decode the script's JSON."""
    try:
        return msgspec.json.decode(encoded, type=kind)
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidInputError(f"the JSON cannot be read: {type(error).__name__}") from error
