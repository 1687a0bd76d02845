/** Which parts of a policy have a block of their own, and which are only shown there and changed in the code (parts.json). */

import table from "./parts.json";
import { isObject, type Json, type JsonObject } from "./json";

const TABLE: Readonly<Record<string, string>> = table;
const PATHS = Object.keys(TABLE);

/** Ids of all guest types that Graph has, in one text (conditionalAccessGuestOrExternalUserTypes). */
export const EVERY_GUEST = "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider";

export interface Part {
  path: string;
  json: string;
}

/** What says something and has no block: it stays as it is whatever is changed beside it. */
export function otherParts(policy: JsonObject): Part[] {
  const found: Part[] = [];
  collect(policy, "", found);
  return found;
}

function collect(value: JsonObject, path: string, found: Part[]): void {
  for (const [key, inner] of Object.entries(value)) {
    const here = path ? `${path}.${key}` : key;
    if (TABLE[here] === "block" || key.includes("@") || saysNothing(inner)) continue;
    if (isObject(inner) && PATHS.some((each) => each.startsWith(`${here}.`))) collect(inner, here, found);
    else found.push({ path: here, json: JSON.stringify(inner) });
  }
}

/** Null, absent and empty are one: not configured. */
export function saysNothing(value: Json | undefined): boolean {
  if (isObject(value)) return Object.entries(value).every(([key, inner]) => key.includes("@") || saysNothing(inner));
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** The draft as the sentence reads it: what is no object there says nothing to it. */
export function readable(value: JsonObject): JsonObject {
  const conditions = isObject(value.conditions) ? value.conditions : {};
  const part = (key: string) => (isObject(value[key]) ? value[key] : null);
  return { ...value, conditions, grantControls: part("grantControls"), sessionControls: part("sessionControls") };
}

/** A new policy says nothing yet and decides nothing: it is about nobody, and reports only. */
export function blank(name: string): JsonObject {
  return {
    displayName: name,
    state: "enabledForReportingButNotEnforced",
    conditions: {
      users: { includeUsers: [], excludeUsers: [], includeGroups: [], excludeGroups: [], includeRoles: [], excludeRoles: [] },
      applications: { includeApplications: ["All"], excludeApplications: [] },
      clientAppTypes: ["all"],
    },
    grantControls: { operator: "OR", builtInControls: ["mfa"] },
    sessionControls: null,
  };
}
