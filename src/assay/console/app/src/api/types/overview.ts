/** The overview's figures and the state of the log, as far as the console reads it. */

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
