import { mix, Random } from '../src/sample/random.js';

/** Seeds are unsigned 32-bit integers. */
export type Seed = number;

const GOLDEN_RATIO = 0x9e3779b9;

/** The seed of run `index` of a series: the first one is the series' own, so `--seed X --runs 1` repeats the run that printed X. */
export function seedOfRun(series: Seed, index: number): Seed {
  return index === 0 ? series >>> 0 : mix(mix(series) + Math.imul(index, GOLDEN_RATIO));
}

/** The seed to try when the fault of a run never struck. */
export function nextSeed(seed: Seed): Seed {
  return mix(seed ^ GOLDEN_RATIO);
}

/** What a seed decides about: each has a sequence of its own, so that a new question to one does not change the others. */
export type Question = 'scenario' | 'fault' | 'data';

const QUESTIONS: Readonly<Record<Question, number>> = { scenario: 1, fault: 2, data: 3 };

/** The random numbers with which a run of a class answers a question; the same on every machine. */
export function randomFor(run: { readonly faultClass: string; readonly seed: Seed }, question: Question): Random {
  return new Random().reseed(run.seed, hash(run.faultClass), QUESTIONS[question]);
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
