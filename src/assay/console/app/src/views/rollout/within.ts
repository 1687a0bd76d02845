/** For how long a step waits for its confirmation, and how that is said. */

import { t } from "../../text";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds, of which one is chosen; the service takes one second to seven days. */
export const WITHIN: readonly number[] = [5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY];

export function words(seconds: number): string {
  if (seconds % DAY === 0) return t("countDays", seconds / DAY);
  if (seconds % HOUR === 0) return t("countHours", seconds / HOUR);
  return t("countMinutes", seconds / MINUTE);
}
