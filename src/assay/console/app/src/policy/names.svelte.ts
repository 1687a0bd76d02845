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
/** Assay's own targets (policy/targets.py), which are no apps of the organisation. */
export const TARGETS: Record<string, Key> = {
  "a55a0000-0000-4000-8000-000000000001": "targetSignIn",
  "a55a0000-0000-4000-8000-000000000002": "targetOwnPages",
  "a55a0000-0000-4000-8000-000000000003": "targetConsole",
  "a55a0000-0000-4000-8000-000000000004": "targetApi",
};

/** The name of an id, or the id where it has none that may be read. */
export function nameOf(id: string): string {
  return known.get(id) ?? targetName(id) ?? id;
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
    learnRoles(),
    learnFixed("/identity/conditionalAccess/namedLocations", "Policy.Read.All"),
    learnFixed("/identity/conditionalAccess/authenticationStrength/policies", "Policy.Read.All"),
  ]);
}

/** Graph names roles by the ids of their templates alone. */
export function learnRoles(): Promise<void> {
  return learnFixed("/directoryRoleTemplates", "User.Read");
}

async function learnFixed(path: string, permission: string): Promise<void> {
  if (asked.has(path) || !self.may(permission)) return;
  asked.add(path);
  try {
    (await read<Page<Named>>(path)).value.forEach((each) => known.set(each.id, each.displayName));
  } catch {
    asked.delete(path);
  }
}

/** Ids in words of the service, as people know them. */
export function named(words: string): string {
  return words.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => nameOf(id));
}
