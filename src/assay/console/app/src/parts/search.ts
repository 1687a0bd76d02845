/** What the search field of a list stands for in the address. */

import { route, type Query } from "../shell/router.svelte";
import { join, readTerm, split, writeTerm, type Operator } from "./filter";

export interface Search {
  /** The text of the field, out of the address. */
  read: (query: Query) => string;
  /** The options that a text means. */
  write: (text: string) => Query;
}

/** One term of `$filter`, beside which all others stay as they are. */
export function searchOf(path: string, operator: Operator, written = (text: string) => text): Search {
  const mine = (term: string) => {
    const found = readTerm(term);
    return found?.path === path && found.operator === operator;
  };
  return {
    read: (query) => readTerm(split(query.$filter ?? "").find(mine) ?? "")?.values[0] ?? "",
    write: (text) => {
      const others = split(route.query.$filter ?? "").filter((term) => !mine(term));
      return { $filter: join(text ? [...others, writeTerm({ path, operator, values: [written(text)] }, true)] : others) };
    },
  };
}

/** OData's own `$search`, where the API has it. */
export const TEXT_SEARCH: Search = {
  read: (query) => (query.$search ?? "").replaceAll('"', ""),
  write: (text) => ({ $search: text ? `"${text.replaceAll('"', "")}"` : "" }),
};
