/** Rollouts as /v1.0/assay/policies/rollouts tells of them. */

export interface Rollout {
  policy: string;
  policyId: string;
  /** Null: it is over. */
  stage: "reportOnly" | "cohort" | "on" | null;
  companionId: string | null;
  by: string | null;
  since: string | null;
  /** Until when somebody has to confirm the last step; null: nobody has to. */
  confirmBy: string | null;
  people: number | null;
  group: string | null;
  percent: number | null;
  evidence: {
    since: string;
    decisions: number;
    refused: number;
    steppedUp: number;
    people: number;
    administrators: string[];
    complete: boolean;
    /** The new text only reports: all of this is what it would have done. */
    reported: boolean;
  } | null;
  stuck: string | null;
}
