/** A Conditional Access policy in plain words, and its conditions one by one. Pure: names are given. */

import type { Policy } from "../api/types/policy";
import { t, type Key } from "../text";

type Name = (id: string) => string;

export interface Block {
  title: string;
  include: string[];
  exclude: string[];
  configured: boolean;
}

const WORDS: Record<string, Key> = {
  All: "allOf", None: "noneOf", GuestsOrExternalUsers: "guests", AllTrusted: "trustedPlaces", all: "allOf",
  android: "platformAndroid", windows: "platformWindows", linux: "platformLinux",
  browser: "clientBrowser", mobileAppsAndDesktopClients: "clientMobile", exchangeActiveSync: "clientEas", other: "clientOther",
  "urn:user:registersecurityinfo": "actionRegister", "urn:user:registerdevice": "actionJoin",
  block: "controlBlock", mfa: "controlMfa", compliantDevice: "controlCompliant", domainJoinedDevice: "controlJoined",
  approvedApplication: "controlApproved", compliantApplication: "controlProtected", passwordChange: "controlPassword",
  riskRemediation: "controlRemedy", easSupported: "clientEasSupported",
  ServicePrincipalsInMyTenant: "allPrograms", Compliant: "devicesCompliant", DomainJoined: "devicesJoined",
  high: "riskHigh", medium: "riskMedium", low: "riskLow", elevated: "riskElevated", moderate: "riskModerate", minor: "riskMinor", none: "riskNone",
  deviceCodeFlow: "flowDeviceCode", authenticationTransfer: "flowTransfer",
};

/** Graph's types of guests and external users. */
export const GUEST_TYPES: Readonly<Record<string, Key>> = {
  internalGuest: "guestInternal", b2bCollaborationGuest: "guestCollaboration", b2bCollaborationMember: "guestMember",
  b2bDirectConnectUser: "guestDirect", otherExternalUser: "guestOther", serviceProvider: "guestProvider",
};
export const CLOUD_APPS: Readonly<Record<string, Key>> = { mcasConfigured: "heldByProxy", monitorOnly: "watchedByProxy", blockDownloads: "noDownloads" };
export const EVALUATIONS: Readonly<Record<string, Key>> = { disabled: "notEvaluated", strictEnforcement: "evaluatedStrictly", strictLocation: "evaluatedStrictLocation" };

function list(part: Record<string, unknown> | null | undefined, key: string): string[] {
  const found = part?.[key];
  return Array.isArray(found) ? found.map(String) : [];
}

/** Graph's flags: several words in one text. */
function flags(value: unknown): string[] {
  return typeof value === "string" ? value.split(",").map((each) => each.trim()).filter(Boolean) : [];
}

/** Its rule on the side that its mode says. */
function filtered(part: Record<string, unknown> | null | undefined, key: string, side: "include" | "exclude"): string[] {
  const found = part?.[key] as { mode?: string; rule?: string } | null | undefined;
  return found?.rule && found.mode === side ? [t("thoseWith", found.rule)] : [];
}

/** A word of Graph's, or the name of an id. */
export function word(value: string, name: Name): string {
  const key = WORDS[value];
  return key ? t(key) : name(value);
}

/** Guests by their types, where not all are meant, and their tenants. */
function guests(part: unknown): string[] {
  if (!part) return [];
  const { guestOrExternalUserTypes, externalTenants } = part as { guestOrExternalUserTypes?: unknown; externalTenants?: Record<string, unknown> | null };
  const types = flags(guestOrExternalUserTypes);
  const every = Object.keys(GUEST_TYPES).every((each) => types.includes(each));
  const named = every || !types.length ? [t("guests")] : types.map((each) => (GUEST_TYPES[each] ? t(GUEST_TYPES[each]) : each));
  const tenants = list(externalTenants, "members");
  return tenants.length ? named.map((each) => t("guestsOf", each, tenants.join(", "))) : named;
}

function agentAccounts(part: unknown, side: "include" | "exclude", name: Name): string[] {
  const named = list(part as Record<string, unknown> | null | undefined, `${side}AgentUsers`);
  return named.map((each) => (each === "All" ? t("allAgentAccounts") : t("agentAccount", name(each))));
}

function people(users: Record<string, unknown> | null | undefined, side: "include" | "exclude", name: Name): string[] {
  const all = list(users, `${side}Users`).map((each) => (each === "All" ? t("everybody") : each === "None" ? t("nobody") : word(each, name)));
  const groups = list(users, `${side}Groups`).map((each) => t("groupNamed", name(each)));
  const roles = list(users, `${side}Roles`).map((each) => t("roleNamed", name(each)));
  return [...all, ...groups, ...roles, ...guests(users?.[`${side}GuestsOrExternalUsers`])];
}

/** Programs and agents, where the policy is about those and not about people. */
function programs(part: Record<string, unknown>, side: "include" | "exclude", name: Name): string[] {
  const agents = list(part, `${side}AgentIdServicePrincipals`).map((each) => (each === "All" ? t("allAgents") : name(each)));
  return [
    ...list(part, `${side}ServicePrincipals`).map((each) => word(each, name)), ...agents,
    ...filtered(part, "servicePrincipalFilter", side), ...filtered(part, "agentIdServicePrincipalFilter", side),
  ];
}

/** Conditions that few policies have: only those that this one has. */
function rest(policy: Policy, name: Name): Block[] {
  const conditions = policy.conditions;
  const devices = conditions.devices as Record<string, unknown> | null | undefined;
  const made: Block[] = [];
  if (devices) {
    const exclude = [...filtered(devices, "deviceFilter", "exclude"), ...list(devices, "excludeDevices").map((each) => word(each, name))];
    const include = filtered(devices, "deviceFilter", "include");
    made.push({ title: t("conditionDevices"), include: include.length ? include : [t("allOf")], exclude, configured: true });
  }
  const levels: [Key, string[]][] = [
    ["conditionSignInRisk", list(conditions, "signInRiskLevels")],
    ["conditionUserRisk", list(conditions, "userRiskLevels")],
    ["conditionProgramRisk", list(conditions, "servicePrincipalRiskLevels")],
    ["conditionAgentRisk", flags(conditions.agentIdRiskLevels)],
    ["conditionInsiderRisk", flags(conditions.insiderRiskLevels)],
    ["conditionFlows", flags((conditions.authenticationFlows as Record<string, unknown> | null | undefined)?.transferMethods)],
    ["conditionAgents", list(conditions.agentContext as Record<string, unknown> | null | undefined, "includeAgentContexts")],
  ];
  for (const [title, named] of levels) {
    if (named.length) made.push({ title: t(title), include: named.map((each) => word(each, (id) => id)), exclude: [], configured: true });
  }
  return made;
}

/** Who, what, from where, with what: each with what is in and what is out. */
export function blocks(policy: Policy, name: Name): Block[] {
  const { users, applications, clientAppTypes, platforms, locations } = policy.conditions;
  const workloads = policy.conditions.clientApplications as Record<string, unknown> | null | undefined;
  const who = (side: "include" | "exclude") => (workloads ? programs(workloads, side, name) : [...people(users, side, name), ...agentAccounts(policy.conditions.agents, side, name)]);
  const contexts = list(applications, "includeAuthenticationContextClassReferences").map((each) => t("contextNamed", each));
  const apps = (key: string) => list(applications, key).map((each) => (each === "All" ? t("allApps") : word(each, name)));
  const named = (part: Record<string, unknown> | null | undefined, key: string) => list(part, key).map((each) => word(each, name));
  const clients = (clientAppTypes ?? []).filter((each) => each !== "all").map((each) => word(each, name));
  const made: Block[] = [
    { title: t("conditionUsers"), include: who("include"), exclude: who("exclude"), configured: true },
    {
      title: t("conditionApps"),
      include: [...apps("includeApplications"), ...named(applications, "includeUserActions"), ...contexts, ...filtered(applications, "applicationFilter", "include")],
      exclude: [...apps("excludeApplications"), ...filtered(applications, "applicationFilter", "exclude")],
      configured: true,
    },
    { title: t("conditionLocations"), include: named(locations, "includeLocations"), exclude: named(locations, "excludeLocations"), configured: Boolean(locations) },
    { title: t("conditionPlatforms"), include: named(platforms, "includePlatforms"), exclude: named(platforms, "excludePlatforms"), configured: Boolean(platforms) },
    { title: t("conditionClients"), include: clients, exclude: [], configured: clients.length > 0 },
  ];
  return [...made, ...rest(policy, name)];
}

/** What is demanded before access is granted, and whether all of it or any. */
export function grants(policy: Policy, name: Name): { all: boolean; controls: string[] } {
  const grant = policy.grantControls;
  const strength = grant?.authenticationStrength as { id?: string; displayName?: string } | null | undefined;
  const controls = list(grant, "builtInControls").map((each) => word(each, name));
  if (strength?.id) controls.push(t("controlStrength", strength.displayName ?? name(strength.id)));
  controls.push(...list(grant, "termsOfUse").map((each) => t("controlTerms", each)));
  controls.push(...list(grant, "customAuthenticationFactors").map((each) => t("controlFactor", each)));
  return { all: grant?.operator === "AND", controls };
}

/** What holds while access lasts. */
export function sessionControls(policy: Policy): string[] {
  const held = policy.sessionControls ?? {};
  const said: string[] = [];
  const often = held.signInFrequency as { isEnabled?: boolean; value?: number; type?: string; frequencyInterval?: string; authenticationType?: string } | null | undefined;
  if (often && often.isEnabled !== false) {
    const every = often.frequencyInterval === "everyTime" ? t("freqAlways") : t(often.type === "days" ? "freqDays" : "freqHours", often.value ?? 0);
    said.push(often.authenticationType === "secondaryAuthentication" ? t("freqSecond", every) : every);
  }
  const kept = held.persistentBrowser as { isEnabled?: boolean; mode?: string } | null | undefined;
  if (kept && kept.isEnabled !== false) said.push(kept.mode === "never" ? t("neverPersistent") : t("alwaysPersistent"));
  const limits = (held.assay as { limits?: { readOnly?: boolean; methods?: unknown } } | null | undefined)?.limits;
  const methods = list(limits, "methods");
  if (methods.length) said.push(t("onlyWith", methods.join(", ")));
  if (limits?.readOnly) said.push(t("readingOnly"));
  if (held.disableResilienceDefaults === true) said.push(t("noResilience"));
  return [...said, ...leftToOthers(held)];
}

/** Session controls that our gateway leaves to others. */
function leftToOthers(held: Record<string, unknown>): string[] {
  const said: string[] = [];
  const on = (key: string) => {
    const found = held[key] as Record<string, unknown> | null | undefined;
    return found?.isEnabled === true ? found : null;
  };
  if (on("applicationEnforcedRestrictions")) said.push(t("heldByApp"));
  const proxy = on("cloudAppSecurity");
  if (proxy) said.push(t(CLOUD_APPS[String(proxy.cloudAppSecurityType)] ?? "heldByProxy"));
  const evaluated = held.continuousAccessEvaluation as { mode?: string } | null | undefined;
  if (evaluated) said.push(t(EVALUATIONS[String(evaluated.mode)] ?? "evaluatedContinuously"));
  if (on("secureSignInSession")) said.push(t("tokensBound"));
  const profiles = [on("networkAccessSecurity")?.policyId, on("globalSecureAccessFilteringProfile")?.profileId].filter((each) => each !== undefined);
  if (profiles.length) said.push(t("networkProfile", profiles.join(", ")));
  return said;
}

/** One sentence: for whom, on what, under which conditions, what is demanded. */
export function sentence(policy: Policy, name: Name): string {
  const [who, what, ...others] = blocks(policy, name) as [Block, Block, ...Block[]];
  const parts = [t("sentenceWho", scope(who)), t("sentenceWhat", scope(what))];
  for (const each of others) {
    if (each.configured && (each.exclude.length || each.include.some((one) => one !== t("allOf")))) parts.push(`${each.title}: ${scope(each)}`);
  }
  const { all, controls } = grants(policy, name);
  const held = sessionControls(policy);
  const demanded = controls.length ? enumerate(controls, all) : "";
  return `${parts.join(", ")} → ${[demanded, ...held].filter(Boolean).join("; ") || t("sentenceNothing")}.`;
}

function scope(block: Block): string {
  const included = enumerate(block.include, true) || t("nobody");
  return block.exclude.length ? t("sentenceExcept", included, enumerate(block.exclude, true)) : included;
}

const SHOWN = 4;

function enumerate(names: string[], all: boolean): string {
  const shown = names.length > SHOWN ? [...names.slice(0, SHOWN - 1), t("andMore", names.length - SHOWN + 1)] : names;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} ${all ? t("and") : t("or")} ${shown.at(-1)}`;
}
