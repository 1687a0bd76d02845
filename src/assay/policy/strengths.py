"""Authentication strengths: which methods together satisfy which, as Microsoft documents the built-in ones."""

from typing import Final

from assay.policy.definition import AuthenticationStrengthPolicy
from assay.policy.request import Method

MFA: Final = "00000000-0000-0000-0000-000000000002"
PASSWORDLESS: Final = "00000000-0000-0000-0000-000000000003"
PHISHING_RESISTANT: Final = "00000000-0000-0000-0000-000000000004"

_RESISTANT = ((Method.WINDOWS_HELLO_FOR_BUSINESS,), (Method.FIDO2,), (Method.X509_CERTIFICATE_MULTI_FACTOR,))
_SECOND_FACTORS = (
    Method.MICROSOFT_AUTHENTICATOR_PUSH,
    Method.SOFTWARE_OATH,
    Method.HARDWARE_OATH,
    Method.SMS,
    Method.VOICE,
)

# password + recoveryCode is ours: a look-up secret is a second factor in SP 800-63B, and Graph has none.
_MFA = (
    *_RESISTANT,
    (Method.DEVICE_BASED_PUSH,),
    (Method.TEMPORARY_ACCESS_PASS_ONE_TIME,),
    (Method.TEMPORARY_ACCESS_PASS_MULTI_USE,),
    *((Method.PASSWORD, second) for second in _SECOND_FACTORS),
    (Method.PASSWORD, Method.RECOVERY_CODE),
    (Method.FEDERATED_MULTI_FACTOR,),
    *((Method.FEDERATED_SINGLE_FACTOR, second) for second in _SECOND_FACTORS),
)

BUILT_IN: Final = {
    strength.id: strength
    for strength in (
        AuthenticationStrengthPolicy(id=MFA, display_name="Multifactor authentication", allowed_combinations=_MFA),
        AuthenticationStrengthPolicy(
            id=PASSWORDLESS,
            display_name="Passwordless MFA",
            allowed_combinations=(*_RESISTANT, (Method.DEVICE_BASED_PUSH,)),
        ),
        AuthenticationStrengthPolicy(
            id=PHISHING_RESISTANT,
            display_name="Phishing-resistant MFA",
            allowed_combinations=_RESISTANT,
        ),
    )
}
