/** Every view: its address, its key after `g`, and the permission without which its rows would be refused. */

import type { Component } from "svelte";
import type { Key } from "../text";
import { self } from "./me.svelte";

export interface View {
  name: string;
  title: Key;
  permission: string;
  key: string;
  load: () => Promise<{ default: Component }>;
}

export const VIEWS: readonly View[] = [
  { name: "", title: "overview", permission: "Organization.Read.All", key: "o", load: () => import("../views/Overview.svelte") },
  { name: "sign-ins", title: "signIns", permission: "AuditLog.Read.All", key: "s", load: () => import("../views/SignIns.svelte") },
  { name: "decisions", title: "decisions", permission: "Decision.Read.All", key: "d", load: () => import("../views/Decisions.svelte") },
  { name: "policies", title: "policies", permission: "Policy.Read.All", key: "p", load: () => import("../views/Policies.svelte") },
  { name: "what-if", title: "whatIf", permission: "Policy.Read.All", key: "w", load: () => import("../views/WhatIf.svelte") },
  { name: "people", title: "people", permission: "User.Read.All", key: "u", load: () => import("../views/People.svelte") },
  { name: "apps", title: "apps", permission: "Application.Read.All", key: "a", load: () => import("../views/Apps.svelte") },
  { name: "sessions", title: "sessions", permission: "Session.Read.All", key: "e", load: () => import("../views/Sessions.svelte") },
];

/** The view of a path, whatever stands below its first part. */
export function viewOf(parts: readonly string[]): View | undefined {
  return VIEWS.find((view) => view.name === (parts[0] ?? ""));
}

/** The path of a view. */
export function pathOf(view: View): string {
  return `/${view.name}`;
}

/** Whether a link of the console leads to what one may see. */
export function leadsOn(href: string): boolean {
  const path = href.split("?", 1)[0] ?? "";
  const view = viewOf(path.split("/").filter(Boolean));
  return view === undefined || self.may(view.permission);
}
