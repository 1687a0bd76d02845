/** A fixed pool of rows for a list of any length: a row that leaves the window is filled anew for one that enters it. */

export interface Pool {
  /** The first row of the list that has a place. */
  first: number;
  size: number;
  /** Which of the pool a row has: its index and this, modulo the size. */
  shift: number;
}

export interface Place {
  slot: number;
  index: number;
}

/** Rows above and below what can be seen, so that there is something before the next frame. */
export const AROUND = 6;

/** How many rows are needed for a box of this height; never more than there are. */
export function sizeOf(height: number, tall: number, total: number): number {
  return Math.min(total, Math.ceil(height / tall) + 1 + 2 * AROUND);
}

/** The first row that has a place where the box was scrolled to `top`. */
export function firstOf(top: number, tall: number, size: number, total: number): number {
  return Math.max(0, Math.min(Math.floor(top / tall) - AROUND, total - size));
}

/**
 * The pool after a scroll. By a few rows: those that left go to the other end, and all others keep text and focus.
 * Further: every row is another one, so each stays where it is in the document, where moving it would cost more than its text.
 */
export function moved(before: Pool, first: number, size: number): Pool {
  if (size !== before.size || size === 0) return { first, size, shift: 0 };
  const by = first - before.first;
  if (Math.abs(by) * 3 <= size) return { first, size, shift: before.shift };
  return { first, size, shift: (((before.shift - by) % size) + size) % size };
}

/** Which of the pool holds which row, in the order of the list; one that holds what it held `before` is the same value. */
export function places(pool: Pool, before: readonly Place[] = []): Place[] {
  const held = new Map(before.map((place) => [place.slot, place]));
  return Array.from({ length: pool.size }, (_, at) => {
    const index = pool.first + at;
    const slot = (index + pool.shift) % pool.size;
    const same = held.get(slot);
    return same?.index === index ? same : { slot, index };
  });
}
