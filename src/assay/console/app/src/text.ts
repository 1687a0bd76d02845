/** Every text of the console, in English and German; the browser says which. `{0}` is replaced, `{0:one/many}` by the form for the number. */

import { APPS } from "./texts/apps";
import { DECISIONS } from "./texts/decisions";
import { EDITOR } from "./texts/editor";
import { LISTS } from "./texts/lists";
import { OVERVIEW } from "./texts/overview";
import { PEOPLE } from "./texts/people";
import { POLICIES } from "./texts/policies";
import { PROOFS } from "./texts/proofs";
import { ROLLOUTS } from "./texts/rollouts";
import { SESSIONS } from "./texts/sessions";
import { SHELL } from "./texts/shell";
import { WHAT_IF } from "./texts/what_if";

const CATALOGUE = { ...SHELL, ...LISTS, ...DECISIONS, ...POLICIES, ...ROLLOUTS, ...EDITOR, ...PROOFS, ...WHAT_IF, ...PEOPLE, ...APPS, ...SESSIONS, ...OVERVIEW } as const;

export type Key = keyof typeof CATALOGUE;
export const language: "en" | "de" = navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
const COLUMN = language === "de" ? 1 : 0;

/** A text in English, in which the service says some things. */
export function english(key: Key): string {
  return CATALOGUE[key][0];
}

export function t(key: Key, ...values: (string | number)[]): string {
  const text: string = CATALOGUE[key][COLUMN];
  if (!values.length) return text;
  const value = (at: string) => String(values[Number(at)] ?? "");
  const counted = text.replace(/\{(\d):([^/}]*)\/([^}]*)\}/g, (_, at: string, one: string, many: string) => (value(at) === "1" ? one : many));
  return counted.replace(/\{(\d)\}/g, (_, at: string) => value(at));
}
