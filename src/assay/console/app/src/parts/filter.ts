/** OData's `$filter` as chips: terms that `and` joins, read and written without knowing what they mean. */

export type Operator = "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "in" | "startswith" | "contains";

export interface Term {
  path: string;
  operator: Operator;
  /** One value, or several with `in`; without quotes. */
  values: string[];
}

/** The terms of a filter as they were written; what `or` joins stays one term. */
export function split(filter: string): string[] {
  return (parted(filter, " or ") ? [filter] : parts(filter, " and ")).map((term) => term.trim()).filter(Boolean);
}

function parted(filter: string, word: string): boolean {
  return parts(filter, word).length > 1;
}

/** Cut at a word wherever it stands outside of quotes and parentheses. */
function parts(filter: string, word: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < filter.length; at++) {
    const letter = filter[at];
    if (letter === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (letter === "(") depth++;
    else if (letter === ")") depth--;
    else if (depth === 0 && filter.startsWith(word, at)) {
      found.push(filter.slice(start, at));
      start = at + word.length;
      at = start - 1;
    }
  }
  return [...found, filter.slice(start)];
}

export function join(terms: readonly string[]): string {
  if (terms.length < 2) return terms.join("");
  return terms.map((term) => (alone(term) ? term : `(${term})`)).join(" and ");
}

/** A term that is a comparison; null for anything that has parts. */
export function readTerm(text: string): Term | null {
  const compared = /^([\w/]+) (eq|ne|gt|ge|lt|le) ('(?:[^']|'')*'|[^\s()']+)$/.exec(text);
  if (compared) return { path: compared[1]!, operator: compared[2] as Operator, values: [bare(compared[3]!)] };
  const called = /^(startswith|contains)\(([\w/]+), ?('(?:[^']|'')*')\)$/.exec(text);
  if (called) return { path: called[2]!, operator: called[1] as Operator, values: [bare(called[3]!)] };
  const listed = /^([\w/]+) in \(((?:'(?:[^']|'')*'|[^'()])*)\)$/.exec(text);
  if (listed) return { path: listed[1]!, operator: "in", values: (listed[2]!.match(/'(?:[^']|'')*'|[^\s,']+/g) ?? []).map(bare) };
  return null;
}

/** `quoted`: the property is a text, which OData puts in single quotes. */
export function writeTerm(term: Term, quoted: boolean): string {
  const value = (text: string) => (quoted ? `'${text.replaceAll("'", "''")}'` : text);
  if (term.operator === "in") return `${term.path} in (${term.values.map(value).join(",")})`;
  const only = value(term.values[0] ?? "");
  if (term.operator === "startswith" || term.operator === "contains") return `${term.operator}(${term.path},${only})`;
  return `${term.path} ${term.operator} ${only}`;
}

function bare(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

/** Whether `and` can stand beside it as it is. */
function alone(term: string): boolean {
  return readTerm(term) !== null || !parted(term, " or ");
}
