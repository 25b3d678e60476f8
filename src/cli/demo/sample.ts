import { join } from 'node:path';
import { generateSample } from '../../sample/generate-sample.js';
import { formatCount } from '../format.js';
import type { Terminal } from '../terminal.js';
import { type DemoData, measureData } from './demo-data.js';

/** About the size of the public data. */
const EVENTS = 8_000;
const SONGS = 100;
const SEED = 1;

/** Where a state folder keeps the generated sample. */
export function sampleFolder(stateDir: string): string {
  return join(stateDir, 'sample');
}

/** The generated sample in the state folder; made at the first start, and anew when the generator has changed. */
export async function prepareSample(request: {
  readonly stateDir: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<DemoData> {
  const { stateDir, terminal, signal } = request;
  const outDir = sampleFolder(stateDir);
  const { reused } = await generateSample({ events: EVENTS, songs: SONGS, seed: SEED, outDir, force: true, signal });
  if (!reused) {
    terminal.say(`sample: made ${formatCount(EVENTS)} events and ${formatCount(SONGS)} songs in ${outDir}`);
  }
  return measureData(outDir);
}
