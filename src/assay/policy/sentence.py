"""A policy in one sentence: for whom, on what, under which conditions, what is demanded. Names are given.

The console says the same in its own words (`console/app/src/policy/sentence.ts`).
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

from assay.policy.condition_set import (
    ALL,
    ALL_TRUSTED,
    GUESTS_OR_EXTERNAL_USERS,
    NONE,
    SERVICE_PRINCIPALS_IN_MY_TENANT,
    ClientApplications,
    ConditionSet,
    Devices,
    DeviceState,
    Filter,
    FilterMode,
    Users,
)
from assay.policy.definition import BuiltInControl, ConditionalAccessPolicy, GrantControls, Operator
from assay.policy.request import ClientApp, TransferMethod, UserAction
from assay.policy.sentence_guests import agents, guests
from assay.policy.session_controls import (
    CloudAppSecurity,
    ContinuousAccessEvaluation,
    FrequencyInterval,
    FrequencyUnit,
    LimitControls,
    PersistentBrowserMode,
    SessionControls,
)
from assay.values.text import _

# So many names are written out; of a longer list, one fewer and how many more there are.
SHOWN: Final = 4


class Named(StrEnum):
    """What an id in a policy is the id of."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    APP = "app"
    LOCATION = "location"
    STRENGTH = "strength"


# The name of an id of this kind; the id itself where it has none any more.
Names = Callable[[Named, str], str]
# A source text in the language of whoever reads.
Say = Callable[[str], str]

_CLIENTS: Final = {
    ClientApp.BROWSER: _("browsers"),
    ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS: _("mobile and desktop apps"),
    ClientApp.EXCHANGE_ACTIVE_SYNC: _("Exchange ActiveSync"),
    ClientApp.EAS_SUPPORTED: _("Exchange ActiveSync on supported platforms"),
    ClientApp.OTHER: _("other (legacy) clients"),
}
_ACTIONS: Final = {
    UserAction.REGISTER_SECURITY_INFO: _("registering security info"),
    UserAction.REGISTER_DEVICE: _("registering devices"),
}
_CONTROLS: Final = {
    BuiltInControl.BLOCK: _("block access"),
    BuiltInControl.MFA: _("require multifactor authentication"),
    BuiltInControl.COMPLIANT_DEVICE: _("require a compliant device"),
    BuiltInControl.DOMAIN_JOINED_DEVICE: _("require a hybrid joined device"),
    BuiltInControl.APPROVED_APPLICATION: _("require an approved client app"),
    BuiltInControl.COMPLIANT_APPLICATION: _("require an app protection policy"),
    BuiltInControl.PASSWORD_CHANGE: _("require a change of the password"),
    BuiltInControl.RISK_REMEDIATION: _("require that the risk is remedied"),
}
_FLOWS: Final = {
    TransferMethod.DEVICE_CODE_FLOW: _("device code"),
    TransferMethod.AUTHENTICATION_TRANSFER: _("authentication transfer"),
}
_DEVICE_STATES: Final = {
    DeviceState.COMPLIANT: _("compliant devices"),
    DeviceState.DOMAIN_JOINED: _("hybrid joined devices"),
}
_PERSISTENT: Final = {
    PersistentBrowserMode.NEVER: _("never stay signed in"),
    PersistentBrowserMode.ALWAYS: _("always stay signed in"),
}
_CLOUD_APPS: Final = {
    CloudAppSecurity.MCAS_CONFIGURED: _("through a proxy, by its own policies"),
    CloudAppSecurity.MONITOR_ONLY: _("through a proxy that watches"),
    CloudAppSecurity.BLOCK_DOWNLOADS: _("no downloads"),
}
_EVALUATION: Final = {
    ContinuousAccessEvaluation.DISABLED: _("not evaluated continuously"),
    ContinuousAccessEvaluation.STRICT_ENFORCEMENT: _("evaluated continuously, strictly"),
    ContinuousAccessEvaluation.STRICT_LOCATION: _("evaluated continuously, the location strictly"),
}
_EVERY: Final = {FrequencyUnit.HOURS: _("sign in every {0} h"), FrequencyUnit.DAYS: _("sign in every {0} days")}


def sentence(policy: ConditionalAccessPolicy, name: Names, say: Say = str) -> str:
    """The policy in words; what of it is not decided here is named at the end."""
    words = _Words(name, say)
    parts = [
        say(_("For {0}")).format(words.subjects(policy.conditions)),
        say(_("on {0}")).format(words.apps(policy)),
        *words.others(policy),
    ]
    demanded = (words.grant(policy.grant_controls), *words.session(policy.session_controls))
    demands = "; ".join(each for each in demanded if each) or say(_("nothing is demanded"))
    text = f"{', '.join(parts)} → {demands}."
    if policy.undecided:
        where = ", ".join(dict.fromkeys(part.where for part in policy.undecided))
        text = f"{text} {say(_('Not evaluated here: {0}.')).format(where)}"
    return text


class _Words:
    def __init__(self, name: Names, say: Say) -> None:
        self._name = name
        self._say = say

    def subjects(self, conditions: ConditionSet) -> str:
        """Whom the policy is about: programs, or people."""
        programs = conditions.client_applications
        return self.people(conditions.users) if programs is None else self.programs(programs)

    def programs(self, found: ClientApplications) -> str:
        """The workload and agent identities that the policy is about."""
        words = {SERVICE_PRINCIPALS_IN_MY_TENANT: self._say(_("all programs")), ALL: self._say(_("all agents"))}
        included = [
            *(words.get(each) or self._name(Named.USER, each) for each in found.include_service_principals),
            *(words.get(each) or self._name(Named.USER, each) for each in found.include_agent_id_service_principals),
        ]
        excluded = [
            self._name(Named.USER, each)
            for each in (*found.exclude_service_principals, *found.exclude_agent_id_service_principals)
        ]
        for each in (found.service_principal_filter, found.agent_id_service_principal_filter):
            self._filtered(each, included, excluded)
        return self._except(included, excluded)

    def _filtered(self, found: Filter | None, included: list[str], excluded: list[str]) -> None:
        if found is not None:
            (included if found.mode is FilterMode.INCLUDE else excluded).append(
                self._say(_("those with {0}")).format(found.rule)
            )

    def people(self, users: Users) -> str:
        """Whom the policy is about."""
        included = self._people(users.include_users, users.include_groups, users.include_roles)
        included += guests(users.include_guests_or_external_users, users.include_external_tenants, self._say)
        included += agents(users.include_agent_users, self._user, self._say)
        excluded = self._people(users.exclude_users, users.exclude_groups, users.exclude_roles)
        excluded += guests(users.exclude_guests_or_external_users, users.exclude_external_tenants, self._say)
        excluded += agents(users.exclude_agent_users, self._user, self._say)
        return self._except(included, excluded)

    def apps(self, policy: ConditionalAccessPolicy) -> str:
        """What the policy is about."""
        applications = policy.conditions.applications
        actions = (self._say(_ACTIONS[action]) for action in applications.include_user_actions)
        contexts = applications.include_authentication_context_class_references
        included = [
            *self._apps(applications.include_applications),
            *actions,
            *(self._say(_("authentication context {0}")).format(each) for each in contexts),
        ]
        excluded = self._apps(applications.exclude_applications)
        self._filtered(applications.application_filter, included, excluded)
        return self._except(included, excluded)

    def others(self, policy: ConditionalAccessPolicy) -> Iterable[str]:
        """The other conditions, each that narrows anything."""
        conditions, say = policy.conditions, self._say
        if (locations := conditions.locations) is not None:
            included = self._locations(locations.include_locations)
            yield from self._condition(_("Locations: {0}"), included, self._locations(locations.exclude_locations))
        if (platforms := conditions.platforms) is not None:
            every = [say(_("all"))] if platforms.include_all else []
            included = [*every, *(each.value for each in platforms.include_platforms)]
            excluded = [each.value for each in platforms.exclude_platforms]
            yield from self._condition(_("Device platforms: {0}"), included, excluded)
        if conditions.client_app_types:
            clients = [say(_CLIENTS[each]) for each in conditions.client_app_types]
            yield from self._condition(_("Client apps: {0}"), clients, [])
        yield from self._devices(conditions.devices)
        named = (
            (_("Sign-in risk: {0}"), conditions.sign_in_risk_levels),
            (_("User risk: {0}"), conditions.user_risk_levels),
            (_("Risk of the program: {0}"), conditions.service_principal_risk_levels),
            (_("Risk of the agent: {0}"), conditions.agent_id_risk_levels),
            (_("Insider risk: {0}"), conditions.insider_risk_levels),
            (_("Agents: {0}"), conditions.agent_contexts),
        )
        for text, values in named:
            if values:
                yield say(text).format(self._listed([str(each) for each in values], every=False))
        if conditions.transfer_methods:
            flows = [say(_FLOWS[each]) for each in conditions.transfer_methods]
            yield say(_("Handed over by: {0}")).format(self._listed(flows, every=False))

    def _devices(self, devices: Devices | None) -> Iterable[str]:
        if devices is None:
            return
        included: list[str] = []
        excluded = [self._say(_DEVICE_STATES[each]) for each in devices.exclude_states]
        self._filtered(devices.device_filter, included, excluded)
        yield from self._condition(_("Devices: {0}"), included or [self._say(_("all"))], excluded)

    def grant(self, controls: GrantControls | None) -> str:
        """What is demanded before access is granted."""
        if controls is None:
            return ""
        demanded = [self._say(_CONTROLS[each]) for each in controls.built_in_controls]
        if controls.authentication_strength:
            named = self._name(Named.STRENGTH, controls.authentication_strength)
            demanded.append(self._say(_("require the strength “{0}”")).format(named))
        demanded += [self._say(_("require the terms of use “{0}”")).format(each) for each in controls.terms_of_use]
        factors = controls.custom_authentication_factors
        demanded += [self._say(_("require the factor “{0}”")).format(each) for each in factors]
        return self._listed(demanded, every=controls.operator is Operator.AND)

    def session(self, controls: SessionControls | None) -> Iterable[str]:
        """What holds while access lasts."""
        if controls is None:
            return
        often = controls.sign_in_frequency
        if often is not None and often.interval is FrequencyInterval.EVERY_TIME:
            yield self._say(_("sign in every time"))
        elif often is not None and often.unit is not None:
            yield self._say(_EVERY[often.unit]).format(often.value)
        if controls.persistent_browser is not None:
            yield self._say(_PERSISTENT[controls.persistent_browser])
        if controls.limits is not None:
            yield self._limits(controls.limits)
        if controls.disable_resilience_defaults:
            yield self._say(_("no access in an outage"))
        yield from self._others_kept(controls)

    def _others_kept(self, controls: SessionControls) -> Iterable[str]:
        """What our gateway leaves to others."""
        if controls.application_enforced_restrictions:
            yield self._say(_("the app restricts what unmanaged devices may do"))
        if controls.cloud_app_security is not None:
            yield self._say(_CLOUD_APPS[controls.cloud_app_security])
        if controls.continuous_access_evaluation is not None:
            yield self._say(_EVALUATION[controls.continuous_access_evaluation])
        if controls.secure_sign_in_session:
            yield self._say(_("tokens are bound to the device"))
        if controls.network_access_security is not None or controls.global_secure_access_filtering_profile is not None:
            yield self._say(_("with a profile of Global Secure Access"))

    def _limits(self, limits: LimitControls) -> str:
        if limits.methods is None:
            return self._say(_("reading only")) if limits.read_only else ""
        return self._say(_("only with {0}")).format(", ".join(limits.methods))

    def _user(self, wanted: str) -> str:
        return self._name(Named.USER, wanted)

    def _people(self, users: Sequence[str], groups: Sequence[str], roles: Sequence[str]) -> list[str]:
        say = self._say
        words = {ALL: say(_("everybody")), NONE: say(_("nobody")), GUESTS_OR_EXTERNAL_USERS: say(_("guests"))}
        return [
            *(words.get(each) or self._user(each) for each in users),
            *(say(_("group {0}")).format(self._name(Named.GROUP, each)) for each in groups),
            *(say(_("role {0}")).format(self._name(Named.ROLE, each)) for each in roles),
        ]

    def _apps(self, ids: Sequence[str]) -> list[str]:
        words = {ALL: self._say(_("all apps")), NONE: self._say(_("none"))}
        return [words.get(each) or self._name(Named.APP, each) for each in ids]

    def _locations(self, ids: Sequence[str]) -> list[str]:
        words = {ALL: self._say(_("all")), ALL_TRUSTED: self._say(_("trusted locations"))}
        return [words.get(each) or self._name(Named.LOCATION, each) for each in ids]

    def _condition(self, text: str, included: list[str], excluded: list[str]) -> Iterable[str]:
        if excluded or any(each != self._say(_("all")) for each in included):
            yield self._say(text).format(self._except(included, excluded))

    def _except(self, included: list[str], excluded: list[str]) -> str:
        beginning = self._listed(included, every=True) or self._say(_("nobody"))
        if not excluded:
            return beginning
        return self._say(_("{0} except {1}")).format(beginning, self._listed(excluded, every=True))

    def _listed(self, names: list[str], *, every: bool) -> str:
        if len(names) > SHOWN:
            names = [*names[: SHOWN - 1], self._say(_("{0} more")).format(len(names) - SHOWN + 1)]
        if len(names) < 2:
            return "".join(names)
        joined = self._say(_("{0} and {1}")) if every else self._say(_("{0} or {1}"))
        return joined.format(", ".join(names[:-1]), names[-1])
