import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/config.js';
import { generateSample, type SampleOptions } from '../../src/sample/generate-sample.js';
import { SampleError } from '../../src/sample/sample-error.js';
import { type Event, filesOf, hashOf, linesOf, parseLines, textOf } from './sample-files.js';

/** A user without rights, for tests that run as root. */
const NOBODY = 65_534;

describe('generateSample', () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'starshift-sample-'));
  });

  after(() => rm(root, { recursive: true, force: true }));

  function generate(name: string, options: Partial<SampleOptions> = {}) {
    return generateSample({ events: 2_000, songs: 50, seed: 3, outDir: join(root, name), ...options });
  }

  // The hash is part of the promise: who changes the generator raises GENERATOR_VERSION and this.
  it('writes the same bytes for the same arguments, on every machine', async () => {
    await generate('same-1');
    await generate('same-2');
    const hash = await hashOf(join(root, 'same-1'));
    assert.equal(await hashOf(join(root, 'same-2')), hash);
    assert.equal(hash, 'a96652895542ac4d783496353e65e2a5358d3ca1d0daa0afb6c7ffd866c30355');
  });

  it('writes other data for another seed', async () => {
    await generate('seed-3');
    await generate('seed-4', { seed: 4 });
    assert.notEqual(await hashOf(join(root, 'seed-4')), await hashOf(join(root, 'seed-3')));
  });

  it('writes the same content with gzip', async () => {
    await generate('plain');
    await generate('zipped', { gzip: true });
    assert.equal(await hashOf(join(root, 'zipped')), await hashOf(join(root, 'plain')));
    const names = await filesOf(join(root, 'zipped'));
    assert.ok(names.every((name) => name.endsWith('.json.gz') || name === 'log_json_path.json'));
  });

  for (const [events, songs] of [
    [1, 1],
    [8_056, 71],
    [30_000, 6_000],
  ] as const) {
    it(`writes exactly ${events} events and ${songs} songs, and tells what it wrote`, async () => {
      const name = `size-${events}`;
      const result = await generate(name, { events, songs });
      const lines = await linesOf(join(root, name), 'log_data');
      const plays = parseLines<Event>(lines).filter((event) => event.page === 'NextSong');
      assert.equal(lines.length, events);
      assert.equal((await linesOf(join(root, name), 'song_data')).length, songs);
      assert.deepEqual(
        { events: result.events, songs: result.songs, plays: result.plays, files: result.files, reused: result.reused },
        { events, songs, plays: plays.length, files: (await filesOf(join(root, name))).length, reused: false },
      );
    });
  }

  it('lays files out as the public data does', async () => {
    const folder = join(root, 'layout');
    await generate('layout', { events: 8_056, songs: 71 });
    const names = await filesOf(folder);
    const logs = names.filter((name) => name.startsWith('log_data/'));
    assert.equal(logs.length, 30);
    assert.equal(logs[0], 'log_data/2018/11/2018-11-01-events.json');
    assert.equal(logs[29], 'log_data/2018/11/2018-11-30-events.json');
    const songs = names.filter((name) => name.startsWith('song_data/'));
    assert.equal(songs.length, 71);
    for (const song of songs)
      assert.match(song, /^song_data\/([A-Z])\/([A-Z])\/([A-Z])\/TR\1\2\3[A-Z]{2}128[0-9A-F]{8}\.json$/);
    assert.deepEqual(JSON.parse(await textOf(folder, 'log_json_path.json')).jsonpaths.slice(0, 3), [
      "$['artist']",
      "$['auth']",
      "$['firstName']",
    ]);
  });

  it('splits days and bundles songs as told', async () => {
    await generate('split', { events: 20_000, songs: 55, filesPerDay: 12, songsPerFile: 10 });
    const names = await filesOf(join(root, 'split'));
    assert.equal(names.filter((name) => name.startsWith('log_data/')).length, 355);
    assert.ok(names.includes('log_data/2018/11/2018-11-07-events-09.json'));
    assert.equal(names.filter((name) => name.startsWith('song_data/')).length, 6);
  });

  it('puts every event into the file of its time, in the order of time', async () => {
    const folder = join(root, 'order');
    await generate('order', { events: 20_000, filesPerDay: 4 });
    for (const name of (await filesOf(folder)).filter((path) => path.startsWith('log_data/'))) {
      const times = parseLines<Event>((await textOf(folder, name)).trim().split('\n')).map((event) => Number(event.ts));
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
        name,
      );
      const [, day, part] = /2018-11-(\d\d)-events-(\d)/.exec(name) ?? [];
      for (const ts of times) {
        const date = new Date(ts);
        assert.equal(date.getUTCDate(), Number(day), name);
        assert.equal(Math.floor(date.getUTCHours() / 6) + 1, Number(part), name);
      }
    }
  });

  it('leaves a folder alone that already holds this very sample', async () => {
    const first = await generate('again');
    const [path = ''] = await filesOf(join(root, 'again'));
    await writeFile(join(root, 'again', path), 'touched');
    assert.deepEqual(await generate('again'), { ...first, reused: true });
    assert.equal(await textOf(join(root, 'again'), path), 'touched');
  });

  it('replaces a sample of other arguments only when forced', async () => {
    await generate('forced');
    const hash = await hashOf(join(root, 'forced'));
    await assert.rejects(generate('forced', { events: 100 }), (error: Error) => {
      assert.ok(error instanceof SampleError);
      assert.equal(error.reason, 'usage');
      assert.match(
        error.message,
        /forced holds a sample made with other arguments \(.*"events":2000.*\)\. Nothing was changed; add --force/,
      );
      return true;
    });
    assert.equal(await hashOf(join(root, 'forced')), hash);
    await generate('forced', { events: 100, force: true });
    assert.equal((await linesOf(join(root, 'forced'), 'log_data')).length, 100);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.includes('.forced.')),
      [],
    );
  });

  it('never replaces a folder that holds something else, forced or not', async () => {
    await mkdir(join(root, 'mine'));
    await writeFile(join(root, 'mine', 'thesis.txt'), 'precious');
    await assert.rejects(
      generate('mine', { force: true }),
      /is not empty and holds no generated sample\. Nothing was changed/,
    );
    assert.equal(await readFile(join(root, 'mine', 'thesis.txt'), 'utf8'), 'precious');
  });

  it('fills an empty folder', async () => {
    await mkdir(join(root, 'vacant'));
    assert.equal((await generate('vacant')).reused, false);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const controller = new AbortController();
    const stopped = generate('stopped', {
      events: 500_000,
      signal: controller.signal,
      onProgress: ({ events }) => {
        if (events > 0) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped);
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.includes('stopped')),
      [],
    );
  });

  it('clears what a killed generator left beside the folder', async () => {
    await mkdir(join(root, '.crashed.partial-4194304', 'log_data'), { recursive: true });
    await generate('crashed');
    assert.deepEqual(
      (await readdir(root)).filter((name) => name.includes('crashed')),
      ['crashed'],
    );
  });

  it('says which folder cannot be written', async () => {
    await mkdir(join(root, 'locked'));
    await chmod(root, 0o755);
    await chmod(join(root, 'locked'), 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      await assert.rejects(generate('locked/out'), {
        name: 'SampleError',
        reason: 'io',
        message:
          /^Cannot write the sample to .*locked.*: you may not write there; choose another folder or change its permissions\.$/,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('says what to do where nothing can be created', async function () {
    if (process.platform !== 'linux') return this.skip();
    for (const outDir of ['/proc/x', '/proc/x/below']) {
      const message = /^Cannot write the sample to \/proc\/.*: nothing can be created there; choose another folder\.$/;
      await assert.rejects(generate('unused', { outDir }), { name: 'SampleError', reason: 'io', message });
    }
  });

  it('says that a part of the path is a file', async () => {
    await writeFile(join(root, 'file'), '');
    await assert.rejects(
      generate('file/out'),
      /Cannot write the sample to .*file.*: a part of the path is a file; choose another folder\./,
    );
  });

  it('refuses numbers that make no sense', async () => {
    const refused: readonly [Partial<SampleOptions>, RegExp][] = [
      [{ events: 0 }, /^events 0 is not a whole number from 1 to 10000000000\.$/],
      [{ songs: 1.5 }, /^songs 1\.5 is not a whole number/],
      [{ seed: -1 }, /^seed -1 is not a whole number from 0 to 4294967295\.$/],
      [{ matchShare: 2 }, /^matchShare 2 is not a share from 0 to 1/],
      [{ matchShare: Number.NaN }, /^matchShare NaN is not a share/],
    ];
    for (const [options, message] of refused)
      await assert.rejects(generate('refused', options), { name: 'SampleError', message });
  });

  it('reports progress up to the last event and song', async () => {
    let last = { events: 0, songs: 0, files: 0, sizeBytes: 0 };
    const { events, songs, files, sizeBytes } = await generate('progress', {
      onProgress: (progress) => {
        assert.ok(
          progress.events >= last.events && progress.songs >= last.songs && progress.sizeBytes >= last.sizeBytes,
        );
        last = progress;
      },
    });
    assert.deepEqual({ ...last, files }, { events, songs, files, sizeBytes });
  });

  it('writes 140 MB with a heap of 40 MB', async () => {
    const program = `import { generateSample } from './src/sample/generate-sample.ts';
      const { sizeBytes } = await generateSample({ events: 300_000, songs: 20_000, outDir: process.argv[1] });
      process.stdout.write(String(sizeBytes));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--max-old-space-size=40', '--import=tsx', '--input-type=module', '-e', program, join(root, 'bounded')],
      { cwd: PROJECT_ROOT },
    );
    assert.ok(Number(stdout) > 140_000_000, stdout);
  });
});
