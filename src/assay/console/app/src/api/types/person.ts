/** People, groups, methods, as far as the console reads it. */

import type { Named } from "./page";

export interface User {
  id: string;
  userPrincipalName: string;
  displayName: string;
  mail: string | null;
  userType: string;
  accountEnabled: boolean;
  createdDateTime: string;
  signInActivity: { lastSignInDateTime: string | null };
  assay: {
    roles: { id: string; displayName: string }[];
    methods: { password: boolean; totp: boolean; passkeys: number; recoveryCodes: number; phishingResistant: boolean };
    openSessions: number;
    emergencyAccess: boolean;
  };
}

export interface Group extends Named {
  description: string | null;
}

export interface Member extends Named {
  "@odata.type": string;
  userPrincipalName: string | null;
}

export interface Method extends Named {
  "@odata.type": string;
  createdDateTime: string | null;
  lastUsedDateTime: string | null;
  remaining: number | null;
}
