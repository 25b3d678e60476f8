import assert from 'node:assert/strict';
import type { KnownFile } from '../../../src/adapters/redshift/ledger/known-files.js';
import { findDifference, type ListingRequest } from '../../../src/adapters/s3/listing-difference.js';
import type { SourceFile } from '../../../src/adapters/s3/source-files.js';

const URL = 's3://b/log/';

function file(name: string, etag: string): SourceFile {
  return { url: `${URL}${name}`, etag, sizeBytes: 1 };
}

function known(name: string, etag: string, load: number): [string, KnownFile] {
  const url = `${URL}${name}`;
  const run = { workflowId: 'w', runId: `r${load}`, loadedAt: '2026-11-05 10:00:00.123456' };
  return [url, { url, etag, sizeBytes: 1, load, ...run }];
}

function request(change: Partial<ListingRequest>): ListingRequest {
  const nothing = { asOf: 3, files: new Map(), quarantined: new Map() };
  return {
    ...{ files: [], leftOut: [], known: nothing, table: 't', url: URL, onChanged: 'fail', reload: [] },
    ...change,
  };
}

function ledger(files: readonly [string, KnownFile][], quarantined: readonly [string, string][] = []) {
  return {
    asOf: 3,
    files: new Map(files),
    quarantined: new Map(quarantined.map(([name, etag]) => [URL + name, etag])),
  };
}

describe('difference of a listing to the ledger', () => {
  it('names 20 changed files, each load once, and counts the rest', () => {
    const names = Array.from({ length: 25 }, (_, index) => `${index}.json`);
    const changed = request({
      files: names.map((name) => file(name, 'new')),
      known: ledger(names.map((name, index) => known(name, 'old', index % 2 === 0 ? 3 : 2))),
    });
    assert.throws(
      () => findDifference(changed),
      (error: Error & { details?: readonly unknown[] }) => {
        const lines = error.message.split('\n');
        assert.equal(lines[0], '25 files under s3://b/log/ have changed since they were loaded into t:');
        assert.equal(lines[1], 'by run r3 of workflow w at 2026-11-05 10:00:00 UTC (load 3):');
        assert.equal(lines[2], '  s3://b/log/0.json: ETag old then, new now');
        assert.equal(lines[3], '  s3://b/log/2.json: ETag old then, new now');
        assert.equal(lines[15], 'by run r2 of workflow w at 2026-11-05 10:00:00 UTC (load 2):');
        assert.deepEqual(lines.slice(23), ['and 5 more']);
        assert.equal(error.details?.length, 21);
        assert.deepEqual(error.details?.at(-1), { fileCount: 25 });
        return true;
      },
    );
  });

  it('says how many files come along with the changed ones, of all of their loads', () => {
    const files = [file('1', 'new'), file('2', 'a'), file('3', 'new'), file('4', 'a'), file('5', 'a'), file('6', 'b')];
    const loaded = [known('1', 'old', 1), known('2', 'a', 1), known('3', 'old', 2), known('4', 'a', 2)];
    const ledgers = ledger([...loaded, known('5', 'a', 3)]);
    assert.throws(() => findDifference(request({ files, known: ledgers })), {
      message: /\nWhoever replaces their rows: 2 other files of their loads are loaded anew with them\.$/,
    });
  });

  it('takes every file of the loads that hold a changed one, quarantined versions included', () => {
    const found = findDifference(
      request({
        onChanged: 'reload',
        files: [file('1', 'new'), file('2', 'a'), file('3', 'bad'), file('4', 'a'), file('5', 'fresh')],
        known: ledger(
          [known('1', 'old', 2), known('2', 'a', 2), known('3', 'old', 2), known('4', 'a', 3)],
          [['3', 'bad']],
        ),
      }),
    );
    assert.deepEqual(
      found.files.map(({ url }) => url.slice(URL.length)),
      ['1', '2', '3', '5'],
    );
    assert.deepEqual(found.difference, { asOf: 3, known: 1, reloaded: 3, quarantined: 0, replaces: [2] });
  });

  it('leaves a changed file alone whose new version lies in quarantine', () => {
    const found = findDifference(
      request({ files: [file('1', 'bad')], known: ledger([known('1', 'old', 2)], [['1', 'bad']]) }),
    );
    assert.deepEqual(found.files, []);
    assert.deepEqual(found.difference, { asOf: 3, known: 0, reloaded: 0, quarantined: 1, replaces: [] });
  });

  it('does not mind known files that are gone from the source', () => {
    const found = findDifference(request({ files: [file('2', 'b')], known: ledger([known('1', 'a', 1)]) }));
    assert.deepEqual(found.difference, { asOf: 3, known: 0, reloaded: 0, quarantined: 0, replaces: [] });
    assert.equal(found.files.length, 1);
  });

  it('refuses to replace a load of which a file is gone', () => {
    const files = [file('1', 'new')];
    const gone = request({ onChanged: 'reload', files, known: ledger([known('1', 'old', 2), known('2', 'a', 2)]) });
    assert.throws(() => findDifference(gone), {
      kind: 'source',
      message:
        'A load of t is replaced as a whole, and of the files loaded together with those to be loaded anew these are not under s3://b/log/ any more: ' +
        's3://b/log/2. Put them back, leave the changed files out, or load once with "mode": "full".',
    });
  });

  it('refuses a file that is to be left out and loaded anew at once', () => {
    const both = request({ leftOut: [file('1', 'a')], reload: ['log/1'] });
    assert.throws(() => findDifference(both), {
      kind: 'source',
      message: 'To be left out and to be loaded anew at once: s3://b/log/1. Name it in one of the two lists.',
    });
  });
});
