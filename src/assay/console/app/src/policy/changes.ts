/** What is different between two versions of a policy, in words: pure, names are given. */

import type { Policy } from "../api/types/policy";
import { policyState } from "../parts/tone";
import { t } from "../text";
import { isObject, type Json, type JsonObject } from "./json";
import { otherParts, readable } from "./parts";
import { blocks, grants, sessionControls, type Block } from "./sentence";

type Name = (id: string) => string;

export interface Difference {
  where: string;
  gone: string[];
  come: string[];
}

/** By block, as both would be said; what no words say is compared as it is written. */
export function differences(before: JsonObject, after: JsonObject, name: Name): Difference[] {
  const [old, young] = [policyOf(before), policyOf(after)];
  const found = [
    compared(t("policyName"), [old.displayName], [young.displayName]),
    compared(t("description"), textOf(before.description), textOf(after.description)),
    compared(t("state"), stateOf(old), stateOf(young)),
    ...ofBlocks(blocks(old, name), blocks(young, name)),
    compared(t("grantControls"), demanded(old, name), demanded(young, name)),
    compared(t("sessionControls"), sessionControls(old), sessionControls(young)),
    ...ofOthers(before, after),
  ].filter((each) => each.gone.length + each.come.length > 0);
  if (!found.length && !same(before, after)) found.push({ where: t("code"), gone: [], come: [t("onlySpelling")] });
  return found;
}

/** Whether both say the same, in whatever order their keys stand; nothing, null and empty are one. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return value.length ? `[${value.map(canonical).join(",")}]` : "";
  if (!isObject(value)) return value === null || value === undefined || value === "" ? "" : JSON.stringify(value);
  const members = Object.keys(value).filter((key) => !key.includes("@")).sort().map((key) => [key, canonical(value[key])] as const).filter(([, inner]) => inner);
  return members.length ? `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${inner}`).join(",")}}` : "";
}

function policyOf(value: JsonObject): Policy {
  return readable(value) as unknown as Policy;
}

function textOf(value: Json | undefined): string[] {
  return typeof value === "string" && value ? [value] : [];
}

function stateOf(policy: Policy): string[] {
  return [policyState(policy.state).text];
}

function demanded(policy: Policy, name: Name): string[] {
  const { all, controls } = grants(policy, name);
  return controls.length > 1 ? [...controls, all ? t("allOfThese") : t("oneOfThese")] : controls;
}

function ofBlocks(before: Block[], after: Block[]): Difference[] {
  const titles = [...new Set([...before, ...after].map((each) => each.title))];
  return titles.flatMap((title) => {
    const [old, young] = [before, after].map((all) => all.find((each) => each.title === title));
    return [
      compared(title, old?.configured ? old.include : [], young?.configured ? young.include : []),
      compared(t("exceptIn", title), old?.exclude ?? [], young?.exclude ?? []),
    ];
  });
}

function ofOthers(before: JsonObject, after: JsonObject): Difference[] {
  const [old, young] = [before, after].map((value) => new Map(otherParts(value).map((part) => [part.path, part.json])));
  return [...new Set([...old!.keys(), ...young!.keys()])].map((path) => compared(path, present(old!.get(path)), present(young!.get(path))));
}

function present(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}

function compared(where: string, before: string[], after: string[]): Difference {
  return { where, gone: before.filter((each) => !after.includes(each)), come: after.filter((each) => !before.includes(each)) };
}
