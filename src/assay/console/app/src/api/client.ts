/** The one way to the API: same origin, JSON, errors in Graph's shape; that a session is over is told to whoever listens. */

import type { Page } from "./types/page";

export const ROOT = "/v1.0";
const FORM = "application/x-www-form-urlencoded";

interface GraphError {
  error: {
    code: string;
    message: string;
    innerError?: {
      code?: string;
      "request-id"?: string;
      reasons?: { code: string; parameters: Record<string, string> | [string, string][] }[];
    };
  };
}

/** What the API refused, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
    readonly permission: string,
  ) {
    super(message);
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return taken<T>(await fetched("GET", path, undefined, signal === undefined ? {} : { signal }));
}

/** Every row of a collection that hangs on one thing, page after page. */
export async function readAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: Page<T> = await read<Page<T>>(next, signal);
    all.push(...page.value);
    next = page["@odata.nextLink"];
  }
  return all;
}

/** What is read, with the mark of its version for `If-Match`. */
export async function readMarked<T>(path: string, signal?: AbortSignal): Promise<{ value: T; etag: string }> {
  const answer = await fetched("GET", path, undefined, signal === undefined ? {} : { signal });
  return { value: (await answer.json()) as T, etag: answer.headers.get("etag") ?? "" };
}

export interface Wish {
  signal?: AbortSignal;
  /** The version that is to be changed (`If-Match`): another one is not touched, and 412 says so. */
  etag?: string;
  /** For how long the answer may wait for what is proved of the change (`Prefer`); the change itself waits for nothing. */
  seconds?: number;
  /** Why an invariant of the owner may be broken by it. */
  override?: string;
}

export async function change<T>(method: "POST" | "PATCH", path: string, body?: object, wish: Wish = {}): Promise<T> {
  const query = wish.override ? `?override=${encodeURIComponent(wish.override)}` : "";
  return taken<T>(await fetched(method, path + query, body, wish));
}

let over: () => void = () => undefined;

/** Call back when the service no longer takes the session: it ended, or a policy asks for more. */
export function whenOver(heard: () => void): void {
  over = heard;
}

/** The app host's own sign-out, which ends the whole session; its answer leads elsewhere, and anything else is a refusal. */
export async function signOut(): Promise<void> {
  const init: RequestInit = { method: "POST", headers: { "content-type": FORM }, credentials: "same-origin", redirect: "manual" };
  const answer = await fetch("/.assay/sign-out", init).catch(unreachable);
  if (answer.type !== "opaqueredirect") throw await refusal(answer);
}

function unreachable(error: unknown): never {
  if (isAbort(error)) throw error;
  throw new ApiError(0, "unreachable", "", "", "");
}

async function taken<T>(answer: Response): Promise<T> {
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** The answer, where it is not a refusal. */
async function fetched(method: string, path: string, body: object | undefined, wish: Wish): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (wish.etag) headers["if-match"] = wish.etag;
  if (wish.seconds) headers["prefer"] = `wait=${String(wish.seconds)}`;
  const init: RequestInit = { method, headers, credentials: "same-origin", redirect: "error", cache: "no-store" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (wish.signal !== undefined) init.signal = wish.signal;
  const answer = await fetch(path.startsWith("/") ? ROOT + path : withoutOrigin(path), init).catch(unreachable);
  if (answer.ok) return answer;
  if (answer.status === 401) over();
  throw await refusal(answer);
}

/** A nextLink is absolute; it leads to this origin, whatever host the API believes it has. */
function withoutOrigin(link: string): string {
  const url = new URL(link, location.origin);
  return url.pathname + url.search;
}

async function refusal(answer: Response): Promise<ApiError> {
  const id = answer.headers.get("request-id") ?? "";
  try {
    const { error } = (await answer.json()) as GraphError;
    const inner = error.innerError;
    return new ApiError(answer.status, inner?.code ?? error.code, error.message, inner?.["request-id"] ?? id, permission(inner));
  } catch {
    return new ApiError(answer.status, "unreadable", "", id, "");
  }
}

function permission(inner: GraphError["error"]["innerError"]): string {
  for (const reason of inner?.reasons ?? []) {
    const parameters = Array.isArray(reason.parameters) ? Object.fromEntries(reason.parameters) : reason.parameters;
    if (parameters?.permission) return parameters.permission;
  }
  return "";
}
