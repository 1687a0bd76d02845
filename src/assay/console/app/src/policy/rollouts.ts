/** Rollouts of policies, where they are told of, and how one begins with a draft. */

import { change } from "../api/client";
import { base64 } from "../api/octets";
import type { JsonObject } from "./json";

export const ROLLOUTS = "/assay/policies/rollouts";

/** Begin one of this text in the place of a policy that is on, which stays as it is meanwhile. */
export async function beginWith(id: string, draft: JsonObject, override: string): Promise<void> {
  const content = base64(new TextEncoder().encode(JSON.stringify(draft)));
  await change("POST", ROLLOUTS, { of: id, file: { name: "draft.json", content }, override });
}
