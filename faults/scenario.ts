import type { LoadMode } from '../src/domain/input.js';
import type { Random } from '../src/sample/random.js';
import type { Sample, SourceFiles } from './samples.js';

export const SCENARIOS = ['first', 'again', 'build', 'rebuild', 'incremental', 'catchUp', 'reload'] as const;

/**
 * What a run loads into what. `first`: all into empty tables. `again`: all over an older load. `build`, `rebuild`: the same with
 * buildWarehouse, which makes the tables, anew for `rebuild`, and runs the checks. `incremental`: the files that came since one or two
 * loads. `catchUp`: an incremental load of everything into empty tables. `reload`: new files and changed ones, whose rows are replaced.
 */
export type ScenarioKind = (typeof SCENARIOS)[number];

/** A load before the run, undisturbed. */
export interface EarlierLoad {
  readonly files: SourceFiles;
  readonly mode: LoadMode;
}

export interface Scenario {
  readonly kind: ScenarioKind;
  readonly sample: Sample;
  readonly workflow: 'loadWarehouse' | 'buildWarehouse';
  /** Fields of the input that the scenario is about. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Oldest first; none: the tables are empty. */
  readonly earlier: readonly EarlierLoad[];
}

/** How often each comes, in parts. */
const WEIGHTS: Readonly<Record<ScenarioKind, number>> = {
  first: 2,
  again: 2,
  build: 1,
  rebuild: 1,
  incremental: 3,
  catchUp: 1,
  reload: 3,
};
/** The public sample is four times as large as the generated one. */
const LARGE_SAMPLE_SHARE = 0.25;
const CHANGED_SHARE = 0.08;

/** Draws a scenario. Pure: `random` decides everything. */
export function drawScenario(
  random: Random,
  from: { readonly samples: readonly Sample[]; readonly kinds: readonly ScenarioKind[] },
): Scenario {
  const kind = random.pick(from.kinds.flatMap((name) => Array.from({ length: WEIGHTS[name] }, () => name)));
  const large = random.chance(LARGE_SAMPLE_SHARE);
  const sample = (large ? from.samples[1] : undefined) ?? from.samples[0];
  if (sample === undefined) throw new Error('there is no sample to load');
  const isBuild = kind === 'build' || kind === 'rebuild';
  return {
    ...{ kind, sample, workflow: isBuild ? 'buildWarehouse' : 'loadWarehouse' },
    input: inputOf(kind),
    earlier: earlierLoads(kind, sample.files, random),
  };
}

function inputOf(kind: ScenarioKind): Readonly<Record<string, unknown>> {
  if (kind === 'rebuild') return { recreate: true };
  if (kind === 'incremental' || kind === 'catchUp') return { mode: 'incremental' };
  return kind === 'reload' ? { mode: 'incremental', onChanged: 'reload' } : {};
}

function earlierLoads(kind: ScenarioKind, files: SourceFiles, random: Random): readonly EarlierLoad[] {
  if (kind === 'first' || kind === 'build' || kind === 'catchUp') return [];
  const some = pickFiles(files, random, 0.3);
  const more = new Map([...some, ...pickFiles(files, random, 0.4)]);
  if (kind === 'again' || kind === 'rebuild') return [{ files: changeFiles(more, random), mode: 'full' }];
  const first = random.chance(0.5) ? [{ files: some, mode: 'full' as const }] : [];
  const last = { files: more, mode: first.length === 0 ? ('full' as const) : ('incremental' as const) };
  if (kind === 'incremental') return [...first, last];
  const changed = changeFiles(more, random);
  const before = new Map(
    [...some.keys()].flatMap((key) => (changed.has(key) ? [[key, changed.get(key)] as const] : [])),
  );
  return [...first.map((load) => ({ ...load, files: before as SourceFiles })), { ...last, files: changed }];
}

/** About this share of the files, at least one of each folder; files of the root always. */
function pickFiles(files: SourceFiles, random: Random, share: number): SourceFiles {
  const keys = [...files.keys()];
  const inFolders = ['log_data/', 'song_data/'].map((folder) => keys.filter((key) => key.startsWith(folder)));
  const picked = inFolders.flatMap((folder) => [random.pick(folder), ...folder.filter(() => random.chance(share))]);
  const root = keys.filter((key) => !key.includes('/'));
  return new Map([...root, ...picked].map((key) => [key, files.get(key) as Buffer]));
}

/** The files as they were before somebody corrected some of them. */
function changeFiles(files: SourceFiles, random: Random): SourceFiles {
  const keys = [...files.keys()].filter((key) => key.includes('/'));
  const chosen = new Set([random.pick(keys), ...keys.filter(() => random.chance(CHANGED_SHARE))]);
  return new Map([...files].map(([key, body]) => [key, chosen.has(key) ? older(key, body) : body]));
}

/** A log with half of its lines, all of the other gender; a song with another title. */
function older(key: string, body: Buffer): Buffer {
  const text = body.toString('utf8');
  if (key.startsWith('song_data/')) return Buffer.from(text.replace(/"title": *"/, '"title": "Old '));
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const half = lines.slice(0, Math.max(1, Math.floor(lines.length / 2)));
  return Buffer.from(half.map((line) => `${line.replace('"gender":"F"', '"gender":"M"')}\n`).join(''));
}
