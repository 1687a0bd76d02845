/** A policy between the service and its editor: what is Graph's is edited, what the answer adds to it is not. */

import { change, readMarked } from "../api/client";
import type { Policy } from "../api/types/policy";
import type { Base } from "./draft.svelte";
import { isObject, type Json, type JsonObject } from "./json";

const PATH = "/identity/conditionalAccess/policies";
const EXTRAS = new Set(["undecided", "dangling", "unenforced", "version", "changedBy", "changedDateTime", "sentence", "affectedUsers", "effect", "published"]);
const TIMES = new Set(["createdDateTime", "modifiedDateTime", "deletedDateTime"]);
/** Of these the service has its own. */
const OWN = new Set(["id", ...TIMES]);

export interface Stored {
  base: Base;
  changedBy: string | null;
}

export function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

export async function readStored(id: string, signal?: AbortSignal): Promise<Stored> {
  const { value, etag } = await readMarked<Policy>(pathOf(id), signal);
  return stored(value, etag);
}

/** Store what was drafted from `base` in its place, if that is still what is there; what stands now. */
export async function saveOver(id: string, base: Base, draft: JsonObject, override = ""): Promise<Stored> {
  await change("PATCH", pathOf(id), patch(without(base.policy ?? {}, OWN), without(draft, OWN)), { etag: base.etag, override });
  return readStored(id);
}

/** Store a new one, which reports only or is off; its id. */
export async function create(draft: JsonObject): Promise<string> {
  const state = draft.state === "disabled" ? "disabled" : "enabledForReportingButNotEnforced";
  const made = await change<Policy>("POST", PATH, { ...without(draft, OWN), state });
  return made.id;
}

function stored(policy: Policy, header: string): Stored {
  const { assay, ...rest } = policy as unknown as JsonObject;
  const mark = typeof rest["@odata.etag"] === "string" ? rest["@odata.etag"] : header;
  const graph = Object.fromEntries(Object.entries(without(rest, TIMES)).filter(([key]) => !key.startsWith("@odata.")));
  const theirs = isObject(assay) ? without(assay, EXTRAS) : {};
  if (Object.keys(theirs).length) graph.assay = theirs;
  return { base: { policy: graph, etag: mark, version: policy.assay.version }, changedBy: policy.assay.changedBy };
}

function without(value: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
}

/** All of the draft, and null for what it no longer has: a PATCH leaves alone what it does not name. */
function patch(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const kept = Object.entries(after).map(([key, value]): [string, Json] => {
    const was = before[key];
    return [key, isObject(was) && isObject(value) ? patch(was, value) : value];
  });
  return Object.fromEntries([...kept, ...gone.filter((key) => !key.includes("@")).map((key): [string, Json] => [key, null])]);
}
