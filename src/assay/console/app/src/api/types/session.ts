/** Sessions, and what ending one did, as far as the console reads it. */

import type { Named } from "./page";

export interface Session {
  id: string;
  kind: string;
  userId: string;
  userPrincipalName: string | null;
  userDisplayName: string | null;
  startedDateTime: string;
  lastSeenDateTime: string;
  endsDateTime: string;
  ipAddress: string;
  userAgent: string;
  methods: string[];
  phishingResistant: boolean;
  apps: Named[];
  connections: number;
}

export interface Cut {
  connectionsCut: number;
  connectionsOpen: number;
  milliseconds: number;
}
