/** One policy being written: its text is what is kept, the blocks change it, and what was read of it last is what they show. */

import { t } from "../text";
import { same } from "./changes";
import { isObject, readJson, withAt, write, type Json, type JsonObject, type Readable, type Unreadable } from "./json";

/** What somebody began from: as it was stored, with its mark for `If-Match`. */
export interface Base {
  policy: JsonObject | null;
  etag: string;
  version: number;
}

/** A part by its path, and what is to stand there; `undefined`: nothing. */
export type Put = readonly [path: readonly string[], value: Json | undefined];

interface Kept {
  text: string;
  base: Base;
  at: string;
}

export class Draft {
  text = $state("");
  /** As it was last read: while the code cannot be, it is what was before. */
  value: JsonObject = $state.raw({});
  lines: ReadonlyMap<string, number> = $state.raw(new Map());
  error: Unreadable | null = $state.raw(null);
  base: Base = $state.raw({ policy: null, etag: "", version: 0 });
  /** When what is shown was written, where it is not what is stored. */
  restored = $state("");
  /** Whether this browser keeps it over a reload. */
  kept = $state(true);
  #blank: JsonObject = {};
  readonly dirty = $derived(this.error !== null || !same(this.value, this.base.policy ?? this.#blank));

  constructor(
    readonly id: string,
    base: Base,
    blank: JsonObject,
  ) {
    this.#blank = blank;
    this.base = base;
    const before = this.#read();
    if (before) {
      this.base = before.base;
      // Where the code cannot be read, the blocks have something to show.
      this.write(write(before.base.policy ?? blank));
      this.write(before.text);
      // What was stored meanwhile exactly so is no draft any more.
      if (!same(this.value, base.policy ?? blank) || this.error) {
        this.restored = before.at;
        return;
      }
    }
    this.base = base;
    this.write(write(base.policy ?? blank));
  }

  /** The code as it is typed. */
  write(text: string): void {
    this.text = text;
    const read = readJson(text);
    if ("value" in read && isObject(read.value)) this.#take(read);
    else this.error = "value" in read ? { at: 0, line: 1, column: 1, why: "jsonObject", what: "" } : read;
  }

  /** A part by its path, as a block says it; `undefined` takes it away. Nothing beside it changes. */
  put(path: readonly string[], value: Json | undefined): void {
    this.write(write(withAt(this.value, path, value)));
  }

  /** Several parts at once. */
  putAll(parts: readonly Put[]): void {
    let value = this.value;
    for (const [path, put] of parts) value = withAt(value, path, put);
    this.write(write(value));
  }

  /** Back to what is stored. */
  discard(base: Base = this.base): void {
    this.base = base;
    this.restored = "";
    this.write(write(base.policy ?? this.#blank));
  }

  /** Another version is what this one is held against and would take the place of; the draft stays as it is. */
  rebase(base: Base): void {
    this.base = base;
  }

  /** Keep it in this tab, or forget it where it says nothing new. */
  keep(): void {
    try {
      if (!this.dirty) sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, JSON.stringify({ text: this.text, base: this.base, at: new Date().toISOString() } satisfies Kept));
      this.kept = true;
    } catch {
      this.kept = false;
    }
  }

  forget(): void {
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept where nothing can be.
    }
  }

  /** Why the code cannot be read, with its place. */
  get trouble(): string {
    return this.error ? t("codeUnreadable", this.error.line, this.error.column, t(this.error.why, this.error.what)) : "";
  }

  get #key(): string {
    return `assay.draft.${this.id}`;
  }

  #take(read: Readable): void {
    this.value = read.value as JsonObject;
    this.lines = read.lines;
    this.error = null;
  }

  #read(): Kept | null {
    try {
      const found: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
      return isObject(found) && typeof found.text === "string" && isObject(found.base) ? (found as unknown as Kept) : null;
    } catch {
      return null;
    }
  }
}
