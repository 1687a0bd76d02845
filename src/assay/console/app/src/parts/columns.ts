/** What a column of a list is. */

import { time } from "../format";
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

/** In rem: what a column has at least that takes what is left. */
const LEFT = 9;

/** The tracks of a list's rows, and what they need at least, in rem. */
export function template<T>(columns: readonly Column<T>[]): { columns: string; least: number } {
  const takes = columns.some((column) => column.width === undefined);
  const track = ({ width }: Column<T>) => (width === undefined ? `minmax(${LEFT}rem, 1fr)` : takes ? `${width}rem` : `minmax(${width}rem, ${width}fr)`);
  return { columns: columns.map(track).join(" "), least: columns.reduce((sum, column) => sum + (column.width ?? LEFT), 0) };
}

/** What stands in a cell and how it looks: one shape for every cell, so that another row changes no more than the text. */
export function look(cell: Cell | undefined): { text: string; look: string } {
  if (cell === undefined) return { text: "", look: "coming" };
  if (cell === null || cell === "") return { text: "–", look: "soft" };
  if (typeof cell === "string") return { text: cell, look: "" };
  return "at" in cell ? { text: time(cell.at), look: "at" } : { text: cell.text, look: `pill ${cell.tone}` };
}
