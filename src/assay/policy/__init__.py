"""The policy engine: pure, default deny around Conditional Access, reasons always."""

from assay.policy.break_glass import BREAK_GLASS_POLICY, BREAK_GLASS_SET
from assay.policy.compile import CompiledPolicySet, compile_policies, unreadable_policies
from assay.policy.decide import answer_of, decide
from assay.policy.decision import (
    Account,
    AppliedPolicy,
    Assignment,
    CombinationOption,
    ConditionalAccessStatus,
    Decision,
    Details,
    EffectiveSessionControls,
    Factor,
    Limits,
    Outcome,
    PolicyResult,
    Unmet,
    UnmetControl,
)
from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    ConditionalAccessPolicy,
    NamedLocation,
    PolicySet,
    PolicyState,
)
from assay.policy.enforcement import Control
from assay.policy.explain import Explanation, explain
from assay.policy.explanation import PolicyExplanation
from assay.policy.importers import (
    ImportedPolicy,
    ImportResult,
    Malformed,
    SourceFile,
    export_location,
    export_policy,
    export_strength,
    import_policies,
)
from assay.policy.policy_set import policy_set_hash
from assay.policy.references import DanglingReference, KnownIds, dangling_references, map_references
from assay.policy.request import (
    AccessRequest,
    Address,
    AppTarget,
    ClientApp,
    Method,
    Platform,
    Principal,
    Proof,
    Target,
    UserAction,
    UserActionTarget,
    UserKind,
)
from assay.policy.session_controls import PersistentBrowserMode
from assay.policy.undecided import undecided_paths

__all__ = [
    "BREAK_GLASS_POLICY",
    "BREAK_GLASS_SET",
    "AccessRequest",
    "Account",
    "Address",
    "AppTarget",
    "AppliedPolicy",
    "Assignment",
    "AuthenticationStrengthPolicy",
    "ClientApp",
    "CombinationOption",
    "CompiledPolicySet",
    "ConditionalAccessPolicy",
    "ConditionalAccessStatus",
    "Control",
    "DanglingReference",
    "Decision",
    "Details",
    "EffectiveSessionControls",
    "Explanation",
    "Factor",
    "ImportResult",
    "ImportedPolicy",
    "KnownIds",
    "Limits",
    "Malformed",
    "Method",
    "NamedLocation",
    "Outcome",
    "PersistentBrowserMode",
    "Platform",
    "PolicyExplanation",
    "PolicyResult",
    "PolicySet",
    "PolicyState",
    "Principal",
    "Proof",
    "SourceFile",
    "Target",
    "Unmet",
    "UnmetControl",
    "UserAction",
    "UserActionTarget",
    "UserKind",
    "answer_of",
    "compile_policies",
    "dangling_references",
    "decide",
    "explain",
    "export_location",
    "export_policy",
    "export_strength",
    "import_policies",
    "map_references",
    "policy_set_hash",
    "undecided_paths",
    "unreadable_policies",
]
