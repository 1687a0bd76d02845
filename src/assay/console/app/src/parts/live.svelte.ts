/** What happens, as it happens: one stream of server-sent events, open while a view wants it. */

import { ROOT } from "../api/client";
import { self } from "../shell/me.svelte";

export type Happening = "signIn" | "decision" | "change";
export type Pulse = "off" | "opening" | "on" | "lost";
const SOON_MS = 250;
const AGAIN_MS = 10_000;

class Live {
  pulse: Pulse = $state("off");
  private source: EventSource | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Map<Happening, Set<() => void>>();

  /** Call back while such things happen, at most once in `every` milliseconds, until what is returned is called. */
  follow(what: Happening, heard: () => void, every = SOON_MS): () => void {
    let due: ReturnType<typeof setTimeout> | undefined;
    let last = -Infinity;
    const soon = () => {
      due ??= setTimeout(
        () => {
          due = undefined;
          last = performance.now();
          heard();
        },
        Math.max(SOON_MS, last + every - performance.now()),
      );
    };
    const all = this.listeners.get(what) ?? new Set();
    this.listeners.set(what, all.add(soon));
    this.open();
    return () => {
      clearTimeout(due);
      all.delete(soon);
      if ([...this.listeners.values()].every((each) => each.size === 0)) this.close();
    };
  }

  private open(): void {
    if (this.source) return;
    this.pulse = "opening";
    const source = new EventSource(`${ROOT}/assay/live`);
    source.onopen = () => (this.pulse = "on");
    source.onerror = () => this.lost(source);
    for (const what of ["signIn", "decision", "change"] as const) {
      source.addEventListener(what, () => this.listeners.get(what)?.forEach((heard) => heard()));
    }
    this.source = source;
  }

  /** The browser tries again by itself, unless the service refused: as it does where the session ended or may less. */
  private lost(source: EventSource): void {
    void self.refresh().then(() => self.over && this.close());
    this.pulse = source.readyState === EventSource.CLOSED ? "lost" : "opening";
    if (this.pulse === "opening") return;
    this.source = null;
    this.again = setTimeout(() => this.open(), AGAIN_MS);
  }

  private close(): void {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
    this.pulse = "off";
  }
}

export const live = new Live();
