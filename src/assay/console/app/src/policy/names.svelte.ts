/** Names of what policies and decisions mention by id, asked for once and only as far as the caller may read them. */

import { SvelteMap } from "svelte/reactivity";
import { read } from "../api/client";
import type { Named, Page } from "../api/types/page";
import type { Policy } from "../api/types/policy";
import { hrefOf } from "../shell/router.svelte";
import { self } from "../shell/me.svelte";
import { t, type Key } from "../text";

const TOGETHER = 40;
const known = new SvelteMap<string, string>();
const asked = new Set<string>();
/** Template ids of the roles that policies mention most; Graph names roles by these alone. */
const ROLES: Record<string, string> = {
  "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
  "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
  "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
  "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
  "4a5d8f65-41da-4de4-8968-e035b65339cf": "Reports Reader",
  "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
  "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
  "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
  "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
  "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
  "c4e39bd9-1100-46d3-8c65-fb160da0071f": "Authentication Administrator",
  "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
  "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
  "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
  "966707d0-3269-4727-9be2-8c3a10f19b9d": "Password Administrator",
  "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
  "f28a1f50-f6e7-4571-818b-6a12f2af6b6c": "SharePoint Administrator",
  "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
};

/** Assay's own targets (policy/targets.py), which are no apps of the organisation. */
export const TARGETS: Record<string, Key> = {
  "a55a0000-0000-4000-8000-000000000001": "targetSignIn",
  "a55a0000-0000-4000-8000-000000000002": "targetOwnPages",
  "a55a0000-0000-4000-8000-000000000003": "targetConsole",
  "a55a0000-0000-4000-8000-000000000004": "targetApi",
};

/** The name of an id, or the id where it has none that may be read. */
export function nameOf(id: string): string {
  return known.get(id) ?? targetName(id) ?? ROLES[id] ?? id;
}

function targetName(id: string): string | undefined {
  const key = TARGETS[id];
  return key && t(key);
}

/** An app as a row names it; Assay's own targets in the reader's language. */
export function appName(row: { appId: string | null; appDisplayName: string | null }): string | null {
  return (row.appId && targetName(row.appId)) || row.appDisplayName;
}

/** A name that was met elsewhere. */
export function remember(id: string, name: string): void {
  known.set(id, name);
}

export type Kind = "users" | "groups" | "applications";
const PERMISSIONS: Record<Kind, string> = { users: "User.Read.All", groups: "Group.Read.All", applications: "Application.Read.All" };

/** Have these names soon; who reads `nameOf` sees them when they are there. */
export async function learn(kind: Kind, ids: readonly string[]): Promise<void> {
  if (!self.may(PERMISSIONS[kind])) return;
  const wanted = [...new Set(ids)].filter((id) => /^[0-9a-f-]{36}$/i.test(id) && !asked.has(`${kind} ${id}`));
  wanted.forEach((id) => asked.add(`${kind} ${id}`));
  for (let at = 0; at < wanted.length; at += TOGETHER) {
    const some = wanted.slice(at, at + TOGETHER);
    const wantedIds = `id in (${some.map((id) => `'${id}'`).join(",")})`;
    try {
      const page = await read<Page<Named>>(hrefOf(`/${kind}`, { $filter: wantedIds, $select: "id,displayName", $top: "100" }));
      page.value.forEach((each) => known.set(each.id, each.displayName));
    } catch {
      some.forEach((id) => asked.delete(`${kind} ${id}`));
    }
  }
}

/** Every name that these policies mention. */
export async function learnPolicies(policies: readonly Pick<Policy, "conditions">[]): Promise<void> {
  const of = (part: "users" | "applications", ...keys: string[]) =>
    policies.flatMap((policy) => keys.flatMap((key) => (policy.conditions[part]?.[key] as string[] | undefined) ?? []));
  await Promise.all([
    learn("users", of("users", "includeUsers", "excludeUsers")),
    learn("groups", of("users", "includeGroups", "excludeGroups")),
    learn("applications", of("applications", "includeApplications", "excludeApplications")),
    learnFixed("/identity/conditionalAccess/namedLocations"),
    learnFixed("/identity/conditionalAccess/authenticationStrength/policies"),
  ]);
}

async function learnFixed(path: string): Promise<void> {
  if (asked.has(path) || !self.may("Policy.Read.All")) return;
  asked.add(path);
  try {
    (await read<Page<Named>>(path)).value.forEach((each) => known.set(each.id, each.displayName));
  } catch {
    asked.delete(path);
  }
}
