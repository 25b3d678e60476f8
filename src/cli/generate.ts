import { Command } from 'commander';
import { processEnvironment } from '../config.js';
import {
  generateSample,
  type SampleOptions,
  type SampleProgress,
  type SampleResult,
} from '../sample/generate-sample.js';
import { SampleError } from '../sample/sample-error.js';
import { CliError, EXIT, usageError } from './cli-error.js';
import { formatCount } from './format.js';
import { stopSignal } from './stop-signal.js';
import { openTerminal, type Terminal } from './terminal.js';

interface GenerateOptions {
  readonly events: string;
  readonly songs: string;
  readonly seed: string;
  readonly matchShare?: string;
  readonly filesPerDay?: string;
  readonly songsPerFile?: string;
  readonly gzip: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

/** `starshift generate`: writes data of the shape of the public Sparkify sample. */
export function generateCommand(): Command {
  return new Command('generate')
    .summary('write sample data of any size')
    .description(
      'Writes log_data/, song_data/ and log_json_path.json into a folder, with the shape and the dirt of the public\nSparkify data. The same arguments give the same files on every machine.',
    )
    .argument('<out>', 'folder to make; one that holds this very sample is left as it is')
    .option('--events <n>', 'lines of the log, exactly', '8056')
    .option('--songs <n>', 'songs of the catalogue, exactly', '71')
    .option('--seed <n>', '0 to 4294967295', '1')
    .option('--match-share <share>', 'share of plays whose song is in the catalogue, 0 to 1 (default: 0.05)')
    .option('--files-per-day <n>', 'log files of a day (default: so many that they stay near 64 MB)')
    .option('--songs-per-file <n>', 'songs of a file (default: 1 up to 5000 songs, beyond that about 32 files)')
    .option('--gzip', 'compress the files', false)
    .option('--force', 'replace a sample that was made with other arguments', false)
    .option('--json', 'print what was written as one JSON document on stdout', false)
    .addHelpText(
      'after',
      `
Examples:
  starshift generate ./music
  starshift generate --events 1000000 --songs 100000 --seed 7 ./million
  starshift generate --events 8056 --songs 71 --gzip --json ./small`,
    )
    .action(async (out: string, options: GenerateOptions) => {
      await generate(out, options);
    });
}

async function generate(outDir: string, options: GenerateOptions): Promise<void> {
  const terminal = openTerminal(processEnvironment());
  const sample = sampleOptions(outDir, options);
  const signal = stopSignal();
  const progress = progressLine(terminal, sample);
  try {
    const result = await generateSample({ ...sample, signal, onProgress: progress.show });
    progress.end();
    terminal.say(describe(result));
    if (options.json) terminal.result(JSON.stringify(result));
  } catch (error) {
    progress.end();
    throw translate(error, signal, outDir);
  }
}

function sampleOptions(outDir: string, options: GenerateOptions): SampleOptions {
  const { matchShare, filesPerDay, songsPerFile, gzip, force } = options;
  return {
    outDir,
    gzip,
    force,
    events: parseNumber('--events', options.events),
    songs: parseNumber('--songs', options.songs),
    seed: parseNumber('--seed', options.seed),
    ...(matchShare === undefined ? {} : { matchShare: parseNumber('--match-share', matchShare) }),
    ...(filesPerDay === undefined ? {} : { filesPerDay: parseNumber('--files-per-day', filesPerDay) }),
    ...(songsPerFile === undefined ? {} : { songsPerFile: parseNumber('--songs-per-file', songsPerFile) }),
  };
}

/** Thousands may be set apart by underscores. */
function parseNumber(flag: string, text: string): number {
  if (/^\d[\d_]*(\.\d+)?$/.test(text)) return Number(text.replaceAll('_', ''));
  throw usageError(`${flag} ${text} is not a number, for example ${flag} 1000.`);
}

const BAR_WIDTH = 30;
/** Live lines are drawn at most this often. */
const DRAW_EVERY_MS = 100;
/** Without a terminal, a line each tenth. */
const TENTHS = 10;

function progressLine(terminal: Terminal, { events, songs }: SampleOptions) {
  let drawnAt = 0;
  let tenth = 0;
  return {
    show(progress: SampleProgress) {
      const share = (progress.events + progress.songs) / (events + songs);
      const text = `${Math.floor(share * 100)} %  ${formatCount(progress.events)} events, ${formatCount(progress.songs)} songs, ${formatMegabytes(progress.sizeBytes)}`;
      const now = performance.now();
      if (terminal.isLive) {
        if (share < 1 && now - drawnAt < DRAW_EVERY_MS) return;
        drawnAt = now;
        const filled = Math.floor(share * BAR_WIDTH);
        terminal.draw(`[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${text}`);
      } else if (Math.floor(share * TENTHS) > tenth && share < 1) {
        tenth = Math.floor(share * TENTHS);
        terminal.say(text);
      }
    },
    end: () => terminal.settle(),
  };
}

function describe({ outDir, reused, events, songs, plays, matchedPlays, files, sizeBytes }: SampleResult): string {
  const what = `${formatCount(events)} events (${formatCount(plays)} plays, ${formatCount(matchedPlays)} of songs in the catalogue) and ${formatCount(songs)} songs, ${formatCount(files)} files, ${formatMegabytes(sizeBytes)}`;
  return reused ? `${outDir} already holds this sample: ${what}.` : `Wrote ${outDir}: ${what}.`;
}

function formatMegabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}

function translate(error: unknown, signal: AbortSignal, outDir: string): unknown {
  if (error instanceof SampleError) {
    return new CliError(error.message, error.reason === 'usage' ? EXIT.usage : EXIT.failed, { cause: error });
  }
  if (signal.aborted)
    return new CliError(`Stopped; nothing was left in ${outDir}.`, EXIT.interrupted, { cause: error });
  return error;
}
