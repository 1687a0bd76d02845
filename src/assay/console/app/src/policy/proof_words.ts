/** What proofs find, in the reader's language. Pure: names are given. */

import type { Clause, Told } from "../api/types/policy";
import { method } from "../parts/tone";
import { english, language, t, type Key } from "../text";
import { PROOFS } from "../texts/proofs";
import { conditionTitle } from "../views/condition_titles";
import { GUEST_TYPES, word } from "./sentence";

type Name = (id: string) => string;

/** Dimensions (policy/symbolic.py) that hold or not; the name of which stands in them. */
const PLAIN: Readonly<Record<string, Key>> = {
  group: "clauseGroup", role: "clauseRole", appGroup: "clauseAppGroup", flow: "clauseFlow", shown: "clauseShown", unseen: "clauseUnseen", other: "clauseOther",
  appAttribute: "clauseAppHolds", principalAttribute: "clauseProgramHolds",
  agentAccount: "clauseAgentAccount", compliantNetwork: "clauseNetwork", "device.registered": "clauseRegistered", "device.isManaged": "clauseManaged",
};
/** Those that have values. */
const VALUED: Readonly<Record<string, Key>> = {
  sort: "clauseSort", principal: "clausePrincipal", tenant: "clauseTenant", target: "clauseTarget", context: "clauseContext", client: "clauseClient",
  platform: "clausePlatform", address: "clauseAddress", country: "clauseCountry", gpsCountry: "clauseGpsCountry", agentContext: "clauseAgentContext",
  device: "clauseDevice", risk: "clauseRisk", appAttribute: "clauseAppAttribute", principalAttribute: "clauseProgramAttribute",
};
const ATTRIBUTES = ["appAttribute", "principalAttribute"];
const SORTS: Readonly<Record<string, Key>> = { member: "valueMembers", guest: "guests", workloadIdentity: "valuePrograms", agentIdentity: "valueAgents", ...GUEST_TYPES };
const DECISIONS: Readonly<Record<string, Key>> = { granted: "decisionGranted", interrupted: "decisionInterrupted", blocked: "decisionBlocked" };
const SAID = (Object.keys(PROOFS) as (keyof typeof PROOFS)[]).filter((key) => key.startsWith("said"));

/** Conditions, all of which hold. */
export function clausesWords(clauses: readonly Clause[], name: Name): string {
  return clauses.map((each) => clauseWords(each, name)).join("; ") || t("inEverySignIn");
}

export function decisionWord(decision: string): string {
  const key = DECISIONS[decision];
  return key ? t(key) : decision;
}

/** A sentence of the service; as it is where the catalogue does not have it. */
export function said(words: string): string {
  if (language === "en") return words;
  for (const key of SAID) {
    const [before, after] = english(key).split("{0}") as [string, string | undefined];
    if (after === undefined ? words === before : words.startsWith(before) && words.endsWith(after)) {
      return after === undefined ? t(key) : t(key, words.slice(before.length, words.length - after.length));
    }
  }
  return words;
}

function clauseWords(clause: Clause, name: Name): string {
  if (clause.about === "proving") return t("clauseProving", proved(clause));
  if (clause.values.length) return valued(clause, name);
  if (clause.more) return t(clause.about === "group" ? "clauseNoGroup" : "clauseNoRole", clause.more);
  const at = ATTRIBUTES.includes(clause.about) ? clause.name.indexOf(" ") : -1;
  const named = at < 0 ? [clause.about === "flow" ? word(clause.name, name) : name(clause.name)] : [clause.name.slice(0, at), clause.name.slice(at + 1)];
  const key = PLAIN[clause.about];
  const words = key ? t(key, ...named) : t("clauseOther", `${clause.about} ${clause.name}`.trim());
  return clause.holds ? words : t("clauseNot", words);
}

function proved(clause: Clause): string {
  if (clause.more) return t("clauseEverything");
  const each = clause.values.map(({ value, minutes }) => (minutes ? t("clauseMinutes", method(value ?? ""), minutes) : method(value ?? "")));
  return each.join(` ${t("and")} `) || t("clauseNothing");
}

function valued(clause: Clause, name: Name): string {
  const values = clause.values.map((each) => valueWords(clause.about, each, name));
  const listed = [...values, ...(clause.more ? [t("clauseMore", clause.more)] : [])].join(` ${t("or")} `);
  const key = VALUED[clause.about] ?? "clauseRisk";
  const about = clause.about === "risk" ? conditionTitle(clause.name) : clause.name || clause.about;
  return t(key, clause.holds ? listed : t("clauseAnythingBut", listed), about);
}

function valueWords(about: string, { value, locations, several }: Told, name: Name): string {
  if (several) return t("valueSeveral");
  if (value === null) return t(ATTRIBUTES.includes(about) ? "valueNotSet" : "valueUnknown");
  if (about === "sort") return SORTS[value] ? t(SORTS[value]) : value;
  if (about === "target") return target(value, name);
  if (about === "address") return t("valueAddress", value, locations.join(", ") || t("valueNoLocation"));
  if (about === "country" && value === "") return t("valueNobodyKnows");
  if (about === "principal" && value === "somebody") return t("valueSomebody");
  return ["client", "platform", "risk"].includes(about) ? word(value, name) : name(value);
}

function target(value: string, name: Name): string {
  if (value === "context") return t("valueContextAlone");
  const [kind, id] = [value.slice(0, value.indexOf(" ")), value.slice(value.indexOf(" ") + 1)];
  if (kind === "action") return word(id, name);
  return id === "another-app" ? t("valueAnotherApp") : name(id);
}
