/** What a condition is called, by the engine's name for it. */

import { t, type Key } from "../text";

const TITLES: Record<string, Key> = {
  users: "conditionUsers",
  application: "conditionApps",
  clientType: "conditionClients",
  devicePlatform: "conditionPlatforms",
  location: "conditionLocations",
  deviceState: "conditionDevices",
  signInRisk: "conditionSignInRisk",
  userRisk: "conditionUserRisk",
  servicePrincipals: "conditionPrograms",
  servicePrincipalRisk: "conditionProgramRisk",
  agentIdRisk: "conditionAgentRisk",
  insiderRisk: "conditionInsiderRisk",
  authenticationFlows: "conditionFlows",
  agentContext: "conditionAgents",
};

export function conditionTitle(name: string): string {
  const key = TITLES[name];
  return key ? t(key) : name;
}
