/** Policies and what an import says of them, as far as the console reads it. */

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
    unenforced: string[];
    dangling: { kind: string; path: string; id: string }[];
    version: number;
    changedBy: string | null;
    changedDateTime: string | null;
    sentence: string;
    affectedUsers: number | null;
    /** Of the last version and all that was published with it; null where nothing of it decides. */
    effect: Effect | null;
    published: { effect: Effect; proofs: Proof[] } | null;
  };
}

export type Effect = "tightens" | "loosens" | "unchanged" | "notKnown" | "beingProved";

export type PolicyState = "enabled" | "disabled" | "enabledForReportingButNotEnforced";

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
    unenforced: string[];
    dangling: { kind: string; path: string; id: string }[];
    /** It is on and stays as it is: what was read would bring into it what cannot be decided or met. */
    refused: string | null;
  }[];
  others: { kind: string; id: string; displayName: string; effect: string; undecided: string[] }[];
  malformed: { path: string; where: string; code: string; parameters: Record<string, string> }[];
  ignored: string[];
  emergency: string[];
  refused: string | null;
  refusedCode: string | null;
}

export interface Crowd {
  count: number;
  people: { id: string; displayName: string; userPrincipalName: string }[];
}

export interface Malformed {
  where: string;
  code: string;
  message: string;
  parameters: Record<string, string>;
}

/** What the service says of a policy that is being written. */
export interface Preview {
  policy: Record<string, unknown> | null;
  stored: boolean;
  sentence: string;
  malformed: Malformed[];
  undecided: string[];
  dangling: { kind: string; path: string; id: string }[];
  unenforced: string[];
  namesEmergencyAccess: boolean;
  contradiction: string | null;
  refused: string | null;
  affected: { now: Crowd | null; joining: Crowd | null; leaving: Crowd | null } | null;
}

/** One value of a clause; null is unknown. */
export interface Told {
  value: string | null;
  locations: string[];
  minutes: number;
  several: boolean;
}

/** One condition of a region or a sign-in; not `holds`: it is not so, or any other value. */
export interface Clause {
  about: string;
  name: string;
  holds: boolean;
  values: Told[];
  more: number;
}

/** One statement about every sign-in there can be. */
export interface Proof {
  question: string;
  statement: string;
  result: "proved" | "refuted" | "notKnown";
  findings: { words: string; clauses: Clause[]; policies: string[]; shown: { words: string; clauses: Clause[]; decision: string; signIn: Record<string, unknown> }[] }[];
  why: string[];
}

export interface Proofs {
  value: Proof[];
  complete: boolean;
  superseded: boolean;
}

interface Counted {
  id: string;
  name: string;
  count: number;
  /** The id of one such decision. */
  example: string;
}

/** What a draft would have made of what was decided. */
export interface Replay {
  superseded: boolean;
  first: string | null;
  last: string | null;
  decisions: number;
  unchanged: number;
  unknown: number;
  changes: { change: string; count: number; already: number; peopleCount: number; people: Counted[]; apps: Counted[] }[];
}
