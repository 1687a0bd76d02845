/** Times and numbers as the person's language writes them. */

import { language, t } from "./text";

const day = new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(navigator.language, { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const hour = new Intl.DateTimeFormat(navigator.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const month = new Intl.DateTimeFormat(navigator.language, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(navigator.language, { dateStyle: "full", timeStyle: "long", hourCycle: "h23" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const whole = new Intl.NumberFormat(navigator.language);
const compact = new Intl.NumberFormat(navigator.language, { maximumSignificantDigits: 3 });

/** Short, for columns: Nov 28 23:38:04. */
export const time = (iso: string): string => moment.format(new Date(iso)).replace(",", "");
export const date = (iso: string): string => day.format(new Date(iso));
export const wholeTime = (iso: string): string => full.format(new Date(iso));
export const number = (value: number): string => whole.format(value);

/** A mark on an axis of time: the day where it begins, else the hour. */
export function tick(at: number, before: number | null): string {
  const day = month.format(at);
  return before === null || month.format(before) !== day ? day : hour.format(at);
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 10 ? t("now") : relative.format(seconds, "second");
}

/** A duration in milliseconds: 0.8 ms, 12 ms, 1.2 s. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${compact.format(value)} ms` : `${compact.format(value / 1000)} s`;
}

export function percent(part: number, of: number): string {
  return of === 0 ? "0 %" : `${Math.round((100 * part) / of)} %`;
}

/** Words of a sentence where they stand alone. */
export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
