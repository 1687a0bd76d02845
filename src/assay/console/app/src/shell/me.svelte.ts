/** Who looks at this, and what they may do; the service decides, this only spares people what would be refused. */

import { read } from "../api/client";
import type { Me } from "../api/types";

class Self {
  me: Me | null = $state.raw(null);
  error: unknown = $state.raw(null);

  async load(): Promise<void> {
    this.error = null;
    try {
      this.me = await read<Me>("/assay/me");
    } catch (error) {
      this.error = error;
    }
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }
}

export const self = new Self();
