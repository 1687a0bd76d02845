/** What a colour says: it never says it alone, the word stands beside it. */

import { t, type Key } from "../text";

export type Tone = "good" | "ask" | "bad" | "quiet" | "note";

const OUTCOMES: Record<string, [Key, Tone]> = {
  allow: ["allowed", "good"],
  stepUp: ["steppedUp", "ask"],
  block: ["blocked", "bad"],
  failed: ["failed", "bad"],
  throttled: ["throttled", "bad"],
};

export function outcome(name: string): { text: string; tone: Tone } {
  const [key, tone] = OUTCOMES[name] ?? [null, "quiet" as const];
  return { text: key ? t(key) : name, tone };
}

const SIGN_INS: Record<string, [Key, Tone]> = {
  allow: ["success", "good"],
  stepUp: ["interrupted", "ask"],
  block: ["failure", "bad"],
  failed: ["failure", "bad"],
  throttled: ["failure", "bad"],
};

export function signInStatus(name: string): { text: string; tone: Tone } {
  const [key, tone] = SIGN_INS[name] ?? [null, "quiet" as const];
  return { text: key ? t(key) : name, tone };
}

const RESULTS: Record<string, [Key, Tone]> = {
  success: ["success", "good"],
  failure: ["failure", "bad"],
  notApplied: ["notApplied", "quiet"],
  notEnabled: ["notEnabled", "quiet"],
  interrupted: ["interrupted", "ask"],
  unknown: ["unknown", "quiet"],
  reportOnlySuccess: ["reportOnlySuccess", "good"],
  reportOnlyFailure: ["reportOnlyFailure", "bad"],
  reportOnlyNotApplied: ["reportOnlyNotApplied", "quiet"],
  reportOnlyInterrupted: ["reportOnlyInterrupted", "ask"],
};

/** A policy's result in Graph's vocabulary (appliedConditionalAccessPolicyResult). */
export function result(name: string): { text: string; tone: Tone } {
  const [key, tone] = RESULTS[name] ?? [null, "quiet" as const];
  return { text: key ? t(key) : name, tone };
}

export function policyState(name: string): { text: string; tone: Tone } {
  if (name === "enabled") return { text: t("on"), tone: "good" };
  if (name === "disabled") return { text: t("off"), tone: "quiet" };
  return { text: t("reportOnly"), tone: "note" };
}

/** Graph's authenticationMethodModes that are not ours to translate. */
const GRAPH: Record<string, string> = {
  windowsHelloForBusiness: "Windows Hello for Business",
  x509CertificateMultiFactor: "Certificate (multifactor)",
  x509CertificateSingleFactor: "Certificate (single-factor)",
  deviceBasedPush: "Microsoft Authenticator (phone sign-in)",
  microsoftAuthenticatorPush: "Microsoft Authenticator (push)",
  temporaryAccessPassOneTime: "Temporary Access Pass (one time)",
  temporaryAccessPassMultiUse: "Temporary Access Pass (many times)",
  hardwareOath: "Hardware OATH token",
  federatedMultiFactor: "Federated (multifactor)",
  federatedSingleFactor: "Federated (single-factor)",
  sms: "SMS",
  voice: "Voice call",
};

export function method(name: string): string {
  const keys: Record<string, Key> = {
    password: "methodPassword",
    softwareOath: "methodTotp",
    fido2: "methodPasskey",
    recoveryCode: "methodRecovery",
    recoveryCodes: "methodRecovery",
  };
  const key = keys[name];
  return key ? t(key) : (GRAPH[name] ?? name);
}
