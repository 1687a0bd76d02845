/** What the service says of a draft, asked again when it changes: only of the newest, and never of one that is being typed. */

import { change, isAbort } from "../api/client";
import type { Preview } from "../api/types/policy";
import type { JsonObject } from "./json";

const PAUSE_MS = 350;

export class PreviewAsked {
  found: Preview | null = $state.raw(null);
  error: unknown = $state.raw(null);
  /** What is shown is not of this draft yet. */
  running = $state(false);
  #due = 0;
  #asked: AbortController | null = null;

  ask(policy: JsonObject): void {
    this.stop();
    this.running = true;
    this.#due = window.setTimeout(() => void this.#send(policy), PAUSE_MS);
  }

  stop(): void {
    window.clearTimeout(this.#due);
    this.#asked?.abort();
    this.#asked = null;
    this.running = false;
  }

  async #send(policy: JsonObject): Promise<void> {
    const mine = new AbortController();
    this.#asked = mine;
    try {
      const found = await change<Preview>("POST", "/assay/policies/preview", { policy }, { signal: mine.signal });
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
