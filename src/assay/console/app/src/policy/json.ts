/** JSON as somebody writes it: its value, the line of each of its parts, and where and why it cannot be read. */

import type { Key } from "../text";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export interface Unreadable {
  /** Offset in the text, and the same as people count, from 1. */
  at: number;
  line: number;
  column: number;
  why: Key;
  what: string;
}

export interface Readable {
  value: Json;
  /** The line, from 1, of each part by its path with dots; the whole is "". */
  lines: ReadonlyMap<string, number>;
}

const DEEPEST = 32; // as the service (policy/importers/source.py)
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

class Refused extends Error {
  constructor(
    readonly at: number,
    readonly why: Key,
    readonly what = "",
  ) {
    super(why);
  }
}

/** One pass that finds places and what stands twice, which `JSON.parse` neither says alike everywhere nor minds. */
class Scan {
  at = 0;
  line = 1;
  readonly lines = new Map<string, number>();

  constructor(readonly text: string) {}

  whole(): void {
    this.space();
    this.value([]);
    if (this.at < this.text.length) throw new Refused(this.at, "jsonMore");
  }

  private value(path: string[]): void {
    const key = path.join(".");
    if (!this.lines.has(key)) this.lines.set(key, this.line);
    if (path.length > DEEPEST) throw new Refused(this.at, "jsonDeep");
    const first = this.text[this.at];
    if (first === "{") this.members(path);
    else if (first === "[") this.elements(path);
    else if (first === '"') this.string();
    else this.word();
    this.space();
  }

  private members(path: string[]): void {
    const seen = new Set<string>();
    this.each("}", () => {
      const start = this.at;
      if (this.text[start] !== '"') throw new Refused(start, "jsonName");
      const name = this.string();
      // Graph's keys are the same in any case; of two, one reader may take the one and another the other.
      if (seen.has(name.toLowerCase())) throw new Refused(start, "jsonTwice", name);
      seen.add(name.toLowerCase());
      this.lines.set([...path, name].join("."), this.line);
      this.space();
      this.take(":", "jsonColon");
      this.value([...path, name]);
    });
  }

  private elements(path: string[]): void {
    let index = 0;
    this.each("]", () => this.value([...path, String(index++)]));
  }

  private each(end: string, one: () => void): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === end) this.at += 1;
    else {
      for (;;) {
        one();
        if (this.text[this.at] === end) break;
        this.take(",", end === "}" ? "jsonCommaObject" : "jsonCommaList");
      }
      this.at += 1;
    }
  }

  private take(mark: string, otherwise: Key): void {
    if (this.text[this.at] !== mark) throw new Refused(this.at, otherwise);
    this.at += 1;
    this.space();
  }

  private string(): string {
    const start = this.at;
    for (let at = start + 1; at < this.text.length; at += 1) {
      const each = this.text[at]!;
      if (each === "\\") at += 1;
      else if (each < " ") throw new Refused(start, "jsonOpen");
      else if (each === '"') {
        this.at = at + 1;
        try {
          return JSON.parse(this.text.slice(start, this.at)) as string;
        } catch {
          throw new Refused(start, "jsonEscape");
        }
      }
    }
    throw new Refused(start, "jsonOpen");
  }

  private word(): void {
    for (const word of ["true", "false", "null"]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return;
      }
    }
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text)?.[0];
    if (!found) throw new Refused(this.at, "jsonValue");
    this.at += found.length;
  }

  private space(): void {
    SPACE.lastIndex = this.at;
    const found = SPACE.exec(this.text)![0];
    for (const each of found) if (each === "\n") this.line += 1;
    this.at += found.length;
  }
}

export function readJson(text: string): Readable | Unreadable {
  const scan = new Scan(text);
  try {
    scan.whole();
    return { value: JSON.parse(text) as Json, lines: scan.lines };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const before = text.slice(0, error.at).split("\n");
    return { at: error.at, line: before.length, column: before.at(-1)!.length + 1, why: error.why, what: error.what };
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path; undefined where nothing does. */
export function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const key of path) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** The strings of a list at a path; what is no string stays in the code and is not shown here. */
export function textsAt(value: Json | undefined, path: readonly string[]): string[] {
  const found = at(value, path);
  return Array.isArray(found) ? found.filter((each): each is string => typeof each === "string") : [];
}

/** Graph's flags at a path: several words in one text with commas, or in a list. */
export function flagsAt(value: Json | undefined, path: readonly string[]): string[] {
  const found = at(value, path);
  const words = typeof found === "string" ? found.split(",") : textsAt(value, path);
  return words.map((each) => each.trim()).filter(Boolean);
}

/** The same with another value there, everything beside it as it was; `undefined` takes it away. */
export function withAt(value: Json | undefined, path: readonly string[], put: Json | undefined): JsonObject {
  const [key, ...rest] = path as [string, ...string[]];
  const before = isObject(value) ? value : {};
  const inner = rest.length ? withAt(before[key], rest, put) : put;
  const after = { ...before };
  if (inner === undefined) delete after[key];
  else after[key] = inner;
  return after;
}

export function write(value: Json): string {
  return JSON.stringify(value, null, 2);
}
