import { createRandom, shuffled } from "./prng.ts";
import type { Random } from "./prng.ts";

/** One exercise: a word, and the same word capitalized. */
export interface Pair {
  readonly input: string;
  readonly output: string;
}

/** What the demo trains on, and what it is asked afterwards; no word is in both. */
export interface Words {
  readonly train: readonly Pair[];
  readonly test: readonly Pair[];
}

/** Makes up distinct words of the seed's own language. */
export function buildWords(seed: number, counts: { readonly train: number; readonly test: number }): Words {
  const pairs = inventWords(buildLanguage(seed), createRandom(seed, "words"), counts.train + counts.test)
    .map((word) => ({ input: word, output: capitalize(word) }));
  return { test: pairs.slice(0, counts.test), train: pairs.slice(counts.test) };
}

/**
 * Makes up the text that the base model has read: words as they stand, lower case but for names.
 *
 * Names are the words that begin with one of two letters, so that the base model is right about some of them by luck of
 * its upbringing, about one in ten, and not by the rule.
 */
export function buildText(seed: number, count: number): Pair[] {
  const language = buildLanguage(seed);
  const initials = language.consonants.slice(3, 5);
  return inventWords(language, createRandom(seed, "text"), count)
    .map((word) => ({ input: word, output: initials.includes(word.slice(0, 1)) ? capitalize(word) : word }));
}

/** The rule to be learnt. */
export function capitalize(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Letters by falling frequency. */
interface Language {
  readonly consonants: readonly string[];
  readonly vowels: readonly string[];
}

function buildLanguage(seed: number): Language {
  const random = createRandom(seed, "language");
  return { consonants: shuffled(Array.from("bcdfghjklmnpqrstvwxyz"), random), vowels: shuffled(Array.from("aeiou"), random) };
}

function inventWords(language: Language, random: Random, count: number): string[] {
  const words = new Set<string>();
  while (words.size < count) words.add(inventWord(language, random));
  return [...words];
}

function inventWord({ consonants, vowels }: Language, random: Random): string {
  const letters = random() < 0.2 ? [drawLetter(vowels, random)] : [];
  const syllables = random() < 0.5 ? 2 : 3;
  for (let syllable = 0; syllable < syllables; syllable++) letters.push(drawLetter(consonants, random), drawLetter(vowels, random));
  if (random() < 0.5) letters.push(drawLetter(consonants, random));
  return letters.join("");
}

// By Zipf's law: rare letters are what makes the task take its time.
function drawLetter(letters: readonly string[], random: Random): string {
  const weights = letters.map((_letter, rank) => 1 / (rank + 1));
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return letters.find((_letter, rank) => (rest -= weights[rank]!) < 0) ?? letters.at(-1)!;
}
