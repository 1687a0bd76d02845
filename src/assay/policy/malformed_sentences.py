"""What is wrong with a JSON document that was sent, in words; where it is wrong is said beside them."""

from typing import Final

from assay.policy.graph_json import MalformedError
from assay.values import Reason

# What is wrong, by code; {name} is a parameter.
SENTENCES: Final = {
    "notAPolicy": "this is no policy: it has neither conditions nor controls",
    "unknownKey": "there is no such key",
    "unknownWord": "{value} is none of: {known}",
    "required": "this must be given",
    "requiredOneOf": "one of these must be given: {known}",
    "templateWhole": "this is a template; send what it holds here, with a displayName and a state beside it",
    "notAnObject": "this must be a JSON object",
    "notAList": "this must be a list",
    "notAString": "this must be a text",
    "notABoolean": "this must be true or false",
    "notAnInteger": "this must be a whole number",
    "notAListOfStrings": "this must be a list of texts, such as {example}",
    "cutOff": "this was cut off when it was exported ({value}); export it again, with ConvertTo-Json -Depth 20",
    "notAnInstant": "{value} is no time with its offset, such as 2026-03-02T09:00:00Z",
    "notAnAddress": "{value} is no IP address",
    "notACountry": "{value} is no country of two letters (ISO 3166-1), such as NO",
    "notAnAttribute": "a custom security attribute must be a text or a list of texts",
    "notAMethod": "this must be the name of a method, or an object with method and at or minutesAgo",
    "oneTarget": "give one app in includeApplications, or authenticationContextValue, or userAction",
    "oneIdentity": "give userId or servicePrincipalId",
    "workloadIsNoGuest": "externalTenantId and externalUserType are for users",
    "atOrMinutesAgo": "give at or minutesAgo, not both",
    "outOfRange": "this must be from {least} to {most}",
    "afterTheSignIn": "{value} is after the sign-in itself",
    "duplicateKey": "a key stands twice: {keys}",
    "duplicateId": "{id} stands twice",
    "moreToCome": "this list was exported in part, and more is at {next}; export all of it",
    "errorInstead": "an error of Graph's stands here in the place of an answer: {error}; export it again",
    "tooManyObjects": "this holds more than {limit} policies, locations and strengths",
    "notGraph": "this is not as Graph has it: {hint}",
    "noneBesideOthers": "None stands beside others",
    "notReadable": "this cannot be read: {why}",
    "notJson": "this is no JSON: {detail}",
    "fileTooLarge": "this is larger than {limit} bytes",
    "tooDeep": "this is nested deeper than {limit}",
    "tooManyValues": "this holds more than {limit} values",
    "tooLong": "this text is too long",
    "unknownValue": "{value} is no word that is known here",
    "notAnAddressRange": "{value} is no range of addresses; use 192.0.2.0/24, or a lower and an upper address",
    "tooMany": "there may be {limit} at most",
    "oneKindOfLocation": "give ipRanges, or countriesAndRegions, or compliantNetworkType, as this type of location has",
    "oneKindOfConfiguration": "limit keys by allowedAAGUIDs, or certificates by allowedIssuerSkis or allowedPolicyOIDs",
    "notLimited": "{value} is no combination of this strength with what is limited here",
    "notAnAaguid": "{value} is no AAGUID, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a",
    "notPatched": "this is not changed here; allowedCombinations are by updateAllowedCombinations",
    "builtIn": "what is built in is not changed; make a strength of your own",
}


def malformed_sentence(error: MalformedError) -> str:
    """What is wrong."""
    return reason_words(error.reason)


def reason_words(reason: Reason) -> str:
    """The same of its reason; a code that has no sentence is named."""
    sentence = SENTENCES.get(reason.code, reason.code)
    for name, value in reason.parameters:
        sentence = sentence.replace(f"{{{name}}}", value)
    return sentence.replace(": {keys}", "")


def sentence_at(path: str, reason: Reason) -> str:
    """The same after the name of a file, with the place in it where there is one."""
    return f"{f' at {path}' if path else ''}: {reason_words(reason)}"


def malformed_words(error: MalformedError) -> tuple[str, str]:
    """What is wrong and where, and what to do."""
    where = f"{error.path}: " if error.path else ""
    return f"{where}{malformed_sentence(error)}", "correct the body; docs/api.md shows what it may hold"
