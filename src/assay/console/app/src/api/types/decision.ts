/** Decisions and the account of one, as far as the console reads it. */

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

/** The policies that do not apply: how many, because of what, and those of them that were asked for. */
export interface Others {
  count: number;
  disabled: number;
  byCondition: { condition: string; count: number }[];
  policies: ExplainedPolicy[];
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
  others: Others;
}
