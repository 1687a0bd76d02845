/** What a policy can name, found by a few letters and only as far as the caller may read it. */

import { read } from "../api/client";
import type { Named, Page } from "../api/types/page";
import { hrefOf } from "../shell/router.svelte";
import { self } from "../shell/me.svelte";
import { t } from "../text";
import type { Choice } from "../views/editor/Picker.svelte";
import { remember, TARGETS } from "./names.svelte";

const SHOWN = "8";

interface Person extends Named {
  userPrincipalName: string;
}

async function found<T extends Named>(permission: string, path: string, text: string, signal: AbortSignal): Promise<T[]> {
  if (!self.may(permission)) return [];
  const search = text.replaceAll('"', "");
  const page = await read<Page<T>>(hrefOf(path, { $search: search ? `"${search}"` : "", $top: SHOWN }), signal);
  page.value.forEach((each) => remember(each.id, each.displayName));
  return page.value;
}

/** People by any of their names, groups, and directory roles. */
export async function findSubjects(text: string, signal: AbortSignal): Promise<Choice[]> {
  const [people, groups, roles] = await Promise.all([
    findPeople(text, signal),
    findGroups(text, signal),
    findRoles(text, signal),
  ]);
  return [
    ...people,
    ...groups,
    ...roles.slice(0, Number(SHOWN)).map((each) => ({ kind: "role", id: each.id, title: each.displayName, subtitle: t("role") })),
  ];
}

/** All of them, which the release knows, are one short list. */
async function findRoles(text: string, signal: AbortSignal): Promise<Named[]> {
  const page = await read<Page<Named>>("/directoryRoleTemplates?$select=id,displayName", signal);
  page.value.forEach((each) => remember(each.id, each.displayName));
  return matching(page.value, text);
}

export async function findPeople(text: string, signal: AbortSignal): Promise<Choice[]> {
  const people = await found<Person>("User.Read.All", "/users", text, signal);
  return people.map((each) => ({ kind: "user", id: each.id, title: each.displayName, subtitle: each.userPrincipalName }));
}

export async function findGroups(text: string, signal: AbortSignal): Promise<Choice[]> {
  const groups = await found<Named>("Group.Read.All", "/groups", text, signal);
  return groups.map((each) => ({ kind: "group", id: each.id, title: each.displayName, subtitle: t("kindGroup") }));
}

/** Apps, and what of Assay itself a policy can be about. */
export async function findApps(text: string, signal: AbortSignal): Promise<Choice[]> {
  const apps = await found<Named>("Application.Read.All", "/applications", text, signal);
  const own = matching(Object.entries(TARGETS).map(([id, key]) => ({ id, displayName: t(key) })), text);
  const known = new Set(apps.map((each) => each.id));
  return [
    ...apps.map((each) => ({ kind: "app", id: each.id, title: each.displayName })),
    ...own.filter((each) => !known.has(each.id)).map((each) => ({ kind: "app", id: each.id, title: each.displayName, subtitle: "Assay" })),
  ];
}

/** Named locations; all that are trusted is one of the choices. */
export async function findLocations(text: string, signal: AbortSignal): Promise<Choice[]> {
  const page = await read<Page<Named>>("/identity/conditionalAccess/namedLocations", signal);
  page.value.forEach((each) => remember(each.id, each.displayName));
  const all = [{ id: "AllTrusted", displayName: t("trustedPlaces") }, ...page.value];
  return matching(all, text).map((each) => ({ kind: "location", id: each.id, title: each.displayName }));
}

/** Authentication contexts: those that have a name, and any of Graph's (c1 to c99) by its number. */
export async function findContexts(text: string, signal: AbortSignal): Promise<Choice[]> {
  const page = await read<Page<Named>>("/identity/conditionalAccess/authenticationContextClassReferences", signal);
  page.value.forEach((each) => remember(each.id, each.displayName));
  const wanted = text.trim().toLowerCase();
  const found = page.value.filter((each) => `${each.id} ${each.displayName}`.toLowerCase().includes(wanted));
  const typed = /^c[1-9]\d?$/.test(wanted) && !found.some((each) => each.id === wanted) ? [{ id: wanted, displayName: "" }] : [];
  return [...typed, ...found].map((each) => ({ kind: "context", id: each.id, title: each.id, subtitle: each.displayName }));
}

function matching(all: readonly Named[], text: string): Named[] {
  const wanted = text.toLowerCase();
  return all.filter((each) => each.displayName.toLowerCase().includes(wanted));
}
