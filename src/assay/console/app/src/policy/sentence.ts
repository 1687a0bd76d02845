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
  deviceCodeFlow: "flowDeviceCode", authenticationTransfer: "flowTransfer",
};

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

function word(value: string, name: Name): string {
  const key = WORDS[value];
  return key ? t(key) : name(value);
}

function people(users: Record<string, unknown> | null | undefined, side: "include" | "exclude", name: Name): string[] {
  const all = list(users, `${side}Users`).map((each) => (each === "All" ? t("everybody") : each === "None" ? t("nobody") : word(each, name)));
  const groups = list(users, `${side}Groups`).map((each) => t("groupNamed", name(each)));
  const roles = list(users, `${side}Roles`).map((each) => t("roleNamed", name(each)));
  const guests = users?.[`${side}GuestsOrExternalUsers`] ? [t("guests")] : [];
  return [...all, ...groups, ...roles, ...guests];
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
  const who = (side: "include" | "exclude") => (workloads ? programs(workloads, side, name) : people(users, side, name));
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
  const often = held.signInFrequency as { isEnabled?: boolean; value?: number; type?: string; frequencyInterval?: string } | null | undefined;
  if (often && often.isEnabled !== false) {
    said.push(often.frequencyInterval === "everyTime" ? t("freqAlways") : t(often.type === "days" ? "freqDays" : "freqHours", often.value ?? 0));
  }
  const kept = held.persistentBrowser as { isEnabled?: boolean; mode?: string } | null | undefined;
  if (kept && kept.isEnabled !== false) said.push(kept.mode === "never" ? t("neverPersistent") : t("alwaysPersistent"));
  if (held.disableResilienceDefaults === true) said.push(t("noResilience"));
  const enabled = (key: string) => (held[key] as { isEnabled?: boolean } | null | undefined)?.isEnabled === true;
  if (enabled("applicationEnforcedRestrictions")) said.push(t("heldByApp"));
  if (enabled("cloudAppSecurity")) said.push(t("heldByProxy"));
  if (held.continuousAccessEvaluation) said.push(t("evaluatedContinuously"));
  if (enabled("secureSignInSession")) said.push(t("tokensBound"));
  if (enabled("networkAccessSecurity") || enabled("globalSecureAccessFilteringProfile")) said.push(t("networkProfile"));
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
