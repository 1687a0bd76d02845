/** What happens, as it happens: one stream of server-sent events, open while a view wants it. */

import { ROOT } from "../api/client";

export type Happening = "signIn" | "decision" | "change";
export type Pulse = "off" | "opening" | "on" | "lost";

class Live {
  pulse: Pulse = $state("off");
  private source: EventSource | null = null;
  private readonly listeners = new Map<Happening, Set<() => void>>();

  /** Call back at most every quarter of a second while such things happen, until what is returned is called. */
  follow(what: Happening, heard: () => void): () => void {
    let due: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      due ??= setTimeout(() => {
        due = undefined;
        heard();
      }, 250);
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
    // The browser tries again by itself, unless the service refused.
    source.onerror = () => (this.pulse = source.readyState === EventSource.CLOSED ? "lost" : "opening");
    for (const what of ["signIn", "decision", "change"] as const) {
      source.addEventListener(what, () => this.listeners.get(what)?.forEach((heard) => heard()));
    }
    this.source = source;
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    this.pulse = "off";
  }
}

export const live = new Live();
