/** What the service finds in a draft, in words and with its place; pure. */

import type { Malformed, Preview } from "../api/types/policy";
import { t, type Key } from "../text";
import type { JsonObject } from "./json";

export interface Problem {
  text: string;
  where: string;
  /** Whether it cannot be stored so, or could never be switched on. */
  stops: boolean;
}

const FORMS: Record<string, Key> = {
  notAString: "mustBeText", notAList: "mustBeList", notAListOfStrings: "mustBeTexts", notAnObject: "mustBeObject", notABoolean: "mustBeFlag", notAnInteger: "mustBeNumber",
};

/** In the order of what keeps from most; `fresh`: nothing is stored yet. */
export function problems(found: Preview, draft: JsonObject, fresh: boolean): Problem[] {
  return [
    ...found.malformed.map(malformed),
    ...(found.contradiction ? [{ text: t("problemContradiction", found.contradiction), where: "", stops: true }] : []),
    ...each(found.undecided, (path) => ({ text: t("undecidedParts", path), where: path, stops: true })),
    ...found.dangling.map((one) => ({ text: t("danglingPart", one.kind, one.id, one.path), where: one.path, stops: true })),
    ...(found.refused ? [{ text: t("problemRefused", found.refused), where: "", stops: true }] : []),
    ...each(found.unenforced, (path) => ({ text: t("unenforcedParts", path), where: path, stops: false })),
    ...(found.namesEmergencyAccess ? [{ text: t("problemEmergency"), where: "conditions.users", stops: false }] : []),
    ...(fresh && draft.state === "enabled" ? [{ text: t("problemBegins"), where: "state", stops: false }] : []),
  ];
}

function each(paths: readonly string[], problem: (path: string) => Problem): Problem[] {
  return [...new Set(paths)].map(problem);
}

function malformed({ where, code, message }: Malformed): Problem {
  const form = FORMS[code];
  if (code === "notAPolicy") return { text: t("problemNoPolicy"), where: "", stops: true };
  if (code === "required" || code === "requiredOneOf") return { text: t("problemMissing", where), where, stops: true };
  return { text: form ? t("problemType", where, t(form)) : t("problemValue", where, message), where, stops: true };
}
