/** Who looks at this, and what they may do; the service decides, this only spares people what would be refused. */

import { read, whenOver } from "../api/client";
import type { Me } from "../api/types/page";

class Self {
  me: Me | null = $state.raw(null);
  error: unknown = $state.raw(null);
  /** The service no longer takes the session. */
  over = $state(false);

  constructor() {
    whenOver(() => (this.over = true));
  }

  async load(): Promise<void> {
    this.error = null;
    try {
      this.me = await read<Me>("/assay/me");
    } catch (error) {
      this.error = error;
    }
  }

  /** Ask again whether there is a session, and what it may by now; what cannot be answered changes nothing. */
  async refresh(): Promise<void> {
    const found = await read<Me>("/assay/me").catch(() => null);
    if (found && JSON.stringify(found) !== JSON.stringify(this.me)) this.me = found;
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }
}

export const self = new Self();
