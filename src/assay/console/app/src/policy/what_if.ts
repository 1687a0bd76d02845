/** The question of What If, as it stands in the address and as Graph's `evaluate` takes it; and what its answers say. */

import type { Policy } from "../api/types/policy";
import type { Query } from "../shell/router.svelte";
import { t, type Key } from "../text";
import type { Json, JsonObject } from "./json";

/** Graph's whatIfAnalysisResult. */
export type WhatIfResult = Policy & { policyApplies: boolean; analysisReasons: string };

const TYPE = "#microsoft.graph.";
/** Names in the address, and Graph's of the same condition. */
const CONDITIONS: Record<string, string> = {
  client: "clientAppType", platform: "devicePlatform", ip: "ipAddress", country: "country", signInRisk: "signInRiskLevel",
  userRisk: "userRiskLevel", insiderRisk: "insiderRiskLevel", programRisk: "servicePrincipalRiskLevel",
};

/** The body of `evaluate`; null while it is not said who signs in, or on what. */
export function bodyOf(asked: Query): JsonObject | null {
  const who = identity(asked);
  const what = context(asked);
  if (!who || !what) return null;
  const conditions: JsonObject = {};
  for (const [name, graph] of Object.entries(CONDITIONS)) if (asked[name]) conditions[graph] = asked[name];
  if (asked.flow) conditions.authenticationFlow = { transferMethod: asked.flow };
  const device: JsonObject = {};
  if (asked.compliant) device.isCompliant = asked.compliant === "true";
  if (asked.trust) device.trustType = asked.trust;
  if (Object.keys(device).length) conditions.deviceInfo = device;
  return { signInIdentity: who, signInContext: what, signInConditions: conditions };
}

function identity(asked: Query): Json {
  if (asked.user) return { "@odata.type": `${TYPE}userSignIn`, userId: asked.user };
  return asked.program ? { "@odata.type": `${TYPE}servicePrincipalSignIn`, servicePrincipalId: asked.program } : null;
}

function context(asked: Query): Json {
  if (asked.app) return { "@odata.type": `${TYPE}applicationContext`, includeApplications: [asked.app] };
  if (asked.action) return { "@odata.type": `${TYPE}userActionContext`, userAction: asked.action };
  return asked.context ? { "@odata.type": `${TYPE}authContext`, authenticationContextValue: asked.context } : null;
}

const WORDS: Record<string, Key> = {
  notEnoughInformation: "fit_notEnoughInformation", invalidCondition: "fit_invalidCondition", users: "fit_users", workloadIdentities: "fit_workloadIdentities",
  application: "fit_application", userActions: "fit_userActions", authenticationContext: "fit_authenticationContext", devicePlatform: "fit_devicePlatform",
  devices: "fit_devices", clientApps: "fit_clientApps", location: "fit_location", signInRisk: "fit_signInRisk", emptyPolicy: "fit_emptyPolicy",
  invalidPolicy: "fit_invalidPolicy", policyNotEnabled: "fit_policyNotEnabled", userRisk: "fit_userRisk", time: "fit_time", insiderRisk: "fit_insiderRisk",
  authenticationFlow: "fit_authenticationFlow", agentIdentities: "fit_agentIdentities", agentIdRisk: "fit_agentIdRisk",
};

/** A reason of Graph's in words; none where nothing speaks against the policy. */
export function reasonOf(result: WhatIfResult): string {
  const key = WORDS[result.analysisReasons];
  if (key) return t(key);
  return result.analysisReasons === "notSet" ? "" : result.analysisReasons;
}

/** What applies, what would and only reports, and what does not; each in the order of the answer. */
export function sorted(results: readonly WhatIfResult[]): { title: string; rows: WhatIfResult[]; applies: boolean }[] {
  const enforced = results.filter((each) => each.policyApplies && each.state === "enabled");
  const reported = results.filter((each) => each.policyApplies && each.state !== "enabled");
  return [
    { title: t("wouldApply"), rows: enforced, applies: true },
    { title: t("wouldReport"), rows: reported, applies: true },
    { title: t("wouldNotApply"), rows: results.filter((each) => !each.policyApplies), applies: false },
  ];
}
