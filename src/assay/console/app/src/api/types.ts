/** What the API answers, as far as the console reads it. */

export interface Page<T> {
  value: T[];
  "@odata.count"?: number;
  "@odata.nextLink"?: string;
}

export interface Me {
  user: { id: string; userPrincipalName: string; displayName: string } | null;
  sessionId: string | null;
  roles: { id: string; displayName: string }[];
  permissions: string[];
  organization: { id: string; baseDomain: string };
  version: string;
  demo: boolean;
}

export interface Reason {
  code: string;
  message: string;
}

export interface AppliedPolicy {
  id: string;
  displayName: string;
  result: string;
  enforcedGrantControls?: string[];
  enforcedSessionControls?: string[];
}

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

export interface Decision {
  id: string;
  code: string;
  createdDateTime: string;
  lastDateTime: string;
  count: number;
  userId: string | null;
  userPrincipalName: string | null;
  appId: string | null;
  appDisplayName: string | null;
  outcome: string;
  reasons: Reason[];
  appliedPolicies: AppliedPolicy[];
  sessionId: string | null;
  ipAddress: string | null;
}

export interface Condition {
  condition: string;
  configured: boolean;
  value: string;
  satisfied: boolean;
  include: string[];
  exclude: string[];
  undecided: string[];
}

export interface Control {
  control: string;
  group: number;
  satisfied: boolean;
  satisfiedBy: string[];
  missing: string[];
}

export interface ExplainedPolicy {
  id: string;
  displayName: string;
  state: string;
  result: string;
  conditions: Condition[];
  controls: Control[];
  undecided: string[];
}

export interface Account {
  id: string;
  code: string;
  at: string;
  lastAt: string;
  count: number;
  user: string;
  app: string;
  outcome: string;
  assignment: string;
  conditionalAccess: string;
  same: boolean | null;
  policySetHash: string;
  engineThen: string;
  engineNow: string;
  asked: {
    userId: string;
    userType: string;
    groups: string[];
    roles: string[];
    assigned: boolean | null;
    target: string;
    clientApp: string;
    platform: string | null;
    address: string | null;
    methods: string[];
  };
  policies: ExplainedPolicy[];
}

export interface Policy {
  id: string;
  displayName: string;
  state: PolicyState;
  conditions: {
    users?: Record<string, unknown> | null;
    applications?: Record<string, unknown> | null;
    clientAppTypes?: string[] | null;
    platforms?: Record<string, unknown> | null;
    locations?: Record<string, unknown> | null;
    [other: string]: unknown;
  };
  grantControls?: Record<string, unknown> | null;
  sessionControls?: Record<string, unknown> | null;
  assay: {
    undecided: string[];
    dangling: { kind: string; path: string; id: string }[];
    version: number;
    changedBy: string | null;
    changedDateTime: string | null;
    sentence: string;
    affectedUsers: number | null;
  };
}

export type PolicyState = "enabled" | "disabled" | "enabledForReportingButNotEnforced";

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

export interface Named {
  id: string;
  displayName: string;
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

export interface Assignment {
  id: string;
  principalId: string;
  principalDisplayName: string;
  principalType: string;
  resourceId: string;
  resourceDisplayName: string;
}

export interface Application extends Named {
  createdDateTime: string;
  web: { homePageUrl: string };
  assay: {
    name: string;
    url: string;
    upstream: string;
    allowedOrigins: string[];
    publicPaths: string[];
    assignedUsers: Named[];
    assignedGroups: Named[];
  };
}

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

export interface Figure {
  count: number;
  href: string;
}

export interface Overview {
  fromDateTime: string;
  toDateTime: string;
  decisions: { bucketSeconds: number; buckets: Bucket[]; total: Figure };
  topRefusals: { reason: string; message: string; count: number; href: string }[];
  signIns: { success: Figure; interrupted: Figure; failure: Figure };
  methodStrength: {
    people: { passwordOnly: number; mfa: number; phishingResistant: number; nothing: number };
    signIns: { passwordOnly: Figure; mfa: Figure; phishingResistant: Figure };
  };
  openSessions: Figure;
  peopleSignedIn: Figure;
  timeToCut: { buckets: { leMs: number; count: number }[]; p50: number | null; p99: number | null; count: number };
  log: LogState;
  people: Figure;
  apps: Figure;
  policies: { on: number; reportOnly: number; off: number };
}

export interface Bucket {
  start: string;
  allow: number;
  stepUp: number;
  block: number;
  notAssigned: number;
}

export interface LogState {
  size: number;
  signedSize: number;
  lastCheckpointDateTime: string | null;
}

export interface Verification {
  ok: boolean;
  size: number;
  root: string | null;
  findings: { kind: string; first: number; last: number }[];
}

export interface Hit {
  kind: string;
  id: string;
  title: string;
  subtitle: string;
  href: string;
}

export interface ImportReport {
  stored: boolean;
  policies: {
    path: string;
    id: string;
    displayName: string;
    effect: string;
    wantedState: string;
    state: string;
    undecided: string[];
    dangling: { kind: string; path: string; id: string }[];
  }[];
  others: { kind: string; id: string; displayName: string; effect: string; undecided: string[] }[];
  malformed: { path: string; where: string; code: string; parameters: Record<string, string> }[];
  ignored: string[];
  emergency: string[];
  refused: string | null;
}
