/** Which parts of a policy have a block of their own, and which are only shown there and changed in the code. */

import { isObject, type Json, type JsonObject } from "./json";

type Tree = { [key: string]: true | Tree };

/** Ids of all guest types that Graph has, in one text (conditionalAccessGuestOrExternalUserTypes). */
export const EVERY_GUEST = "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider";

const BLOCKS: Tree = {
  id: true, templateId: true, displayName: true, description: true, state: true,
  createdDateTime: true, modifiedDateTime: true, deletedDateTime: true,
  conditions: {
    users: {
      includeUsers: true, excludeUsers: true, includeGroups: true, excludeGroups: true, includeRoles: true, excludeRoles: true,
      includeGuestsOrExternalUsers: true, excludeGuestsOrExternalUsers: true,
    },
    applications: { includeApplications: true, excludeApplications: true, includeUserActions: true, includeAuthenticationContextClassReferences: true },
    locations: { includeLocations: true, excludeLocations: true },
    platforms: { includePlatforms: true, excludePlatforms: true },
    clientAppTypes: true, signInRiskLevels: true, userRiskLevels: true,
    devices: { deviceFilter: true },
    authenticationFlows: { transferMethods: true },
  },
  grantControls: { operator: true, builtInControls: true, authenticationStrength: true },
  sessionControls: { signInFrequency: true, persistentBrowser: true, disableResilienceDefaults: true },
};

export interface Part {
  path: string;
  json: string;
}

/** What says something and has no block: it stays as it is whatever is changed beside it. */
export function otherParts(policy: JsonObject): Part[] {
  const found: Part[] = [];
  collect(policy, BLOCKS, [], found);
  return found;
}

function collect(value: JsonObject, known: Tree, path: string[], found: Part[]): void {
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    const tree = Object.hasOwn(known, key) ? known[key] : undefined;
    if (tree === true || key.includes("@") || saysNothing(inner)) continue;
    if (tree && isObject(inner)) collect(inner, tree, here, found);
    else found.push({ path: here.join("."), json: JSON.stringify(inner) });
  }
}

function saysNothing(value: Json): boolean {
  if (isObject(value)) return Object.entries(value).every(([key, inner]) => key.includes("@") || saysNothing(inner));
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
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
