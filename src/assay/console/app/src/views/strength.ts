/** What somebody can prove, in words. */

import type { User } from "../api/types/person";
import type { Tone } from "../parts/tone";
import { t } from "../text";

export function methodsOf(user: User): string {
  const { password, totp, passkeys, recoveryCodes } = user.assay.methods;
  const held = [];
  if (passkeys) held.push(passkeys > 1 ? `${passkeys} × ${t("methodPasskey")}` : t("methodPasskey"));
  if (password) held.push(t("methodPassword"));
  if (totp) held.push(t("methodTotp"));
  if (recoveryCodes) held.push(t("codes", recoveryCodes));
  return held.join(", ");
}

export function strengthOf(user: User): { text: string; tone: Tone } {
  const { password, totp, phishingResistant } = user.assay.methods;
  if (phishingResistant) return { text: t("phishingResistant"), tone: "good" };
  if (password && totp) return { text: t("mfa"), tone: "note" };
  return password ? { text: t("passwordOnly"), tone: "ask" } : { text: t("noMethod"), tone: "quiet" };
}
