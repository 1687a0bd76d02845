/** What the service says of a draft, asked again when it changes: only of the newest, and never of one that is being typed. */

import { change, isAbort } from "../api/client";
import type { JsonObject } from "./json";

export class Asked<T> {
  found: T | null = $state.raw(null);
  error: unknown = $state.raw(null);
  /** What is shown is not of this draft yet. */
  running = $state(false);
  #due = 0;
  #asked: AbortController | null = null;

  /** `pause`: so many milliseconds without a change before it is asked. */
  constructor(
    readonly path: string,
    readonly pause: number,
  ) {}

  ask(policy: JsonObject): void {
    this.stop();
    this.running = true;
    this.#due = window.setTimeout(() => void this.#send(policy), this.pause);
  }

  stop(): void {
    window.clearTimeout(this.#due);
    this.#asked?.abort();
    this.#asked = null;
    this.running = false;
  }

  /** Nothing is known of a draft of which nothing can be. */
  forget(): void {
    this.stop();
    this.found = null;
    this.error = null;
  }

  async #send(policy: JsonObject): Promise<void> {
    const mine = new AbortController();
    this.#asked = mine;
    try {
      const found = await change<T>("POST", this.path, { policy }, { signal: mine.signal });
      if (this.#asked !== mine) return;
      this.found = found;
      this.error = null;
    } catch (refused) {
      if (isAbort(refused) || this.#asked !== mine) return;
      this.error = refused;
    }
    this.running = false;
  }
}
