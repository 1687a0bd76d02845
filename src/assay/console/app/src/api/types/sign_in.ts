/** Sign-ins, as far as the console reads it. */

import type { AppliedPolicy, Reason } from "./decision";

export interface SignIn {
  id: string;
  createdDateTime: string;
  userId: string | null;
  userPrincipalName: string | null;
  userDisplayName: string | null;
  appId: string | null;
  appDisplayName: string | null;
  ipAddress: string | null;
  clientAppUsed: string;
  correlationId: string | null;
  conditionalAccessStatus: string;
  isInteractive: boolean;
  status: { errorCode: number; failureReason: string; additionalDetails: string | null };
  deviceDetail: { browser: string; operatingSystem: string; isCompliant: boolean | null; isManaged: boolean | null };
  location: { city: string | null; state: string | null; countryOrRegion: string | null } | null;
  userAgent: string | null;
  riskLevelDuringSignIn: string;
  authenticationRequirement: string;
  authenticationMethodsUsed: string[];
  appliedConditionalAccessPolicies: AppliedPolicy[];
  assay: { decisionId: string | null; code: string | null; outcome: string; reasons: Reason[] };
}
