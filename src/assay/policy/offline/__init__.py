"""Sign-ins that are described in a document: read, decided and accounted for, without a running service."""

from importlib.resources import files

from assay.policy.offline.account import NOT_APPLIED, account
from assay.policy.offline.analysis import Analysis, analysis, rows
from assay.policy.offline.directory import Directory, read_directory_file
from assay.policy.offline.expected import Expected, Verdict
from assay.policy.offline.given_set import GivenSet, SetProblem, read_set
from assay.policy.offline.shapes import Account
from assay.policy.offline.sign_in_document import SignIn, read_evaluate, read_sign_in

NOT_APPLIED_WORDS = frozenset(result.value for result in NOT_APPLIED)


def schema_text() -> str:
    """The JSON schema of the document."""
    return files("assay.policy.offline").joinpath("sign_in.schema.json").read_text(encoding="utf-8")


__all__ = [
    "NOT_APPLIED_WORDS",
    "Account",
    "Analysis",
    "Directory",
    "Expected",
    "GivenSet",
    "SetProblem",
    "SignIn",
    "Verdict",
    "account",
    "analysis",
    "read_directory_file",
    "read_evaluate",
    "read_set",
    "read_sign_in",
    "rows",
    "schema_text",
]
