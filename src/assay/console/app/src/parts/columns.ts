/** What a column of a list is. */

import type { Tone } from "./tone";

/** A text; a text with a tone, shown as a pill; or an instant. */
export type Cell = string | { text: string; tone: Tone } | { at: string } | null;

export interface Column<T> {
  id: string;
  title: string;
  /** In rem; the first without one takes what is left. */
  width?: number;
  /** The property of `$orderby`, where the API can order by it. */
  order?: string;
  cell: (row: T) => Cell;
  /** Where it stands on a narrow screen: first line, second line, or at the end. */
  narrow?: "first" | "second" | "end";
  hidden?: boolean;
  numeric?: boolean;
}
