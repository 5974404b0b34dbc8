/** Chance that is the same for the same seed. */
export interface Chance {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number from one to the other, both included. */
  between(least: number, most: number): number;
  oneOf<Item>(items: readonly Item[]): Item;
  /** So many of the items as there are or as are wanted, in any order. */
  some<Item>(items: readonly Item[], count: number): readonly Item[];
}

/** Begins a row of chances. */
export function chanceFrom(seed: number): Chance {
  const fraction = mulberry32(seed);
  const between = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction, between,
    oneOf: (items) => items[between(0, items.length - 1)] as (typeof items)[number],
    some: (items, count) => items.map((item) => ({ item, lot: fraction() })).sort((a, b) => a.lot - b.lot).slice(0, count).map(({ item }) => item),
  };
}

// By Tommy Ettinger, public domain.
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
