/** Rows of a collection, page after page as far as somebody scrolls; OData's options as the address has them. */

import { isAbort, read } from "../api/client";
import type { Page } from "../api/types/page";
import { hrefOf, type Query } from "../shell/router.svelte";

export const PAGE = 100;
/** Options of the address that the API is asked with; others are the console's own. */
const ASKED = ["$filter", "$orderby", "$search", "$skiptoken"];

interface Part {
  first: number;
  token: string;
}

export class Rows<T extends { id: string }> {
  all: T[] = $state.raw([]);
  /** How many there are in all, where the API counted. */
  count: number | null = $state(null);
  loading = $state(false);
  /** Something was answered: where there are no rows, there are none. */
  answered = $state(false);
  error: unknown = $state.raw(null);
  more = $state(false);
  /** Rows that came meanwhile and wait, so that nothing moves under somebody who reads. */
  waiting: T[] = $state.raw([]);
  private next = "";
  private parts: Part[] = [];
  /** The `$skiptoken` that the first row was asked with, empty where the list begins at its begin. */
  from = $state("");
  /** Of the rows that are here: looked up for each page, so not gathered anew for each. */
  private ids = new Set<string>();
  private asked: Query = {};
  private turn = 0;
  private running: AbortController | null = null;

  constructor(private readonly path: string) {}

  /** Begin anew with these options; rows of before stay until the new ones are there. */
  async ask(query: Query): Promise<void> {
    this.asked = query;
    this.turn += 1;
    const options = Object.fromEntries(ASKED.map((name) => [name, query[name] ?? ""]));
    const first = hrefOf(this.path, { ...options, $top: String(PAGE), $count: options.$skiptoken ? "" : "true" });
    await this.fetch(first, (page) => {
      this.ids = new Set();
      this.all = this.unknown(page.value);
      this.waiting = [];
      this.count = page["@odata.count"] ?? null;
      this.from = options.$skiptoken ?? "";
      this.parts = [{ first: 0, token: options.$skiptoken ?? "" }];
    });
  }

  async again(): Promise<void> {
    if (this.next && this.all.length) await this.page();
    else await this.ask(this.asked);
  }

  /** The page after the last one, unless it is on its way or there is none. */
  async page(): Promise<void> {
    if (this.loading || !this.next) return;
    const token = new URL(this.next, location.origin).searchParams.get("$skiptoken") ?? "";
    const first = this.all.length;
    await this.fetch(this.next, (page) => {
      this.all = this.all.concat(this.unknown(page.value));
      this.parts.push({ first, token });
    });
  }

  /** The `$skiptoken` of the page in which a row is, empty for the first. */
  tokenAt(index: number): string {
    return this.parts.findLast((part) => part.first <= index)?.token ?? "";
  }

  /** Rows as they happen: asked for again by the same filter, so that the service alone says what belongs here. */
  async fresh(hold: boolean): Promise<void> {
    if (this.asked.$skiptoken || this.loading) return;
    const options = { $filter: this.asked.$filter ?? "", $orderby: this.asked.$orderby ?? "", $top: String(PAGE) };
    const turn = this.turn;
    const page = await read<Page<T>>(hrefOf(this.path, options));
    // Meanwhile something else may have been asked for, where these rows do not belong.
    if (turn !== this.turn) return;
    const fresh = page.value.filter((row) => !this.ids.has(row.id));
    // More than a page came: what lies between is not known, so the list begins anew.
    if (fresh.length === PAGE) return hold ? undefined : this.ask(this.asked);
    const changed = new Map(page.value.filter((row) => this.ids.has(row.id)).map((row) => [row.id, row]));
    if (changed.size) this.all = this.all.map((row) => changed.get(row.id) ?? row);
    this.waiting = fresh;
    if (!hold) this.show();
  }

  /** Put what waits on top; how many rows that were. */
  show(): number {
    const fresh = this.waiting;
    if (!fresh.length) return 0;
    this.waiting = [];
    this.all = this.unknown(fresh).concat(this.all);
    this.parts = this.parts.map((part, at) => (at === 0 ? part : { ...part, first: part.first + fresh.length }));
    if (this.count !== null) this.count += fresh.length;
    return fresh.length;
  }

  put(row: T): void {
    this.all = this.all.map((each) => (each.id === row.id ? row : each));
  }

  drop(id: string): void {
    this.all = this.all.filter((each) => each.id !== id);
    this.ids.delete(id);
    if (this.count !== null) this.count -= 1;
  }

  /** Those that are not here yet, which are from now on. */
  private unknown(rows: T[]): T[] {
    const found = rows.filter((row) => !this.ids.has(row.id));
    found.forEach((row) => this.ids.add(row.id));
    return found;
  }

  private async fetch(path: string, take: (page: Page<T>) => void): Promise<void> {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.loading = true;
    this.error = null;
    try {
      const page = await read<Page<T>>(path, running.signal);
      if (running !== this.running) return;
      this.next = page["@odata.nextLink"] ?? "";
      this.more = this.next !== "";
      this.answered = true;
      take(page);
    } catch (error) {
      if (isAbort(error) || running !== this.running) return;
      this.error = error;
    }
    this.loading = false;
  }
}
