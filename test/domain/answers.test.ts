import assert from 'node:assert/strict';
import { answersTo, type RunAddress } from '../../src/domain/answers.js';
import type { AskedOfStep, StepError, StepProgress } from '../../src/domain/progress.js';

const RUN: RunAddress = { workflowId: 'load-1', namespace: 'default' };
const FILE = 's3://music/log_data/a.json';
const OTHER = "s3://music/log_data/it's b.json";

const parked = (type: string, change: Partial<StepProgress> = {}, error: Partial<StepError> = {}): StepProgress => ({
  id: 'staging_events',
  kind: 'stage',
  title: 'COPY staging_events',
  state: 'parked',
  needs: [],
  tries: 1,
  error: { type, message: 'no', at: '2026-11-21T14:22:08.362Z', ...error },
  ...change,
});

const commands = (step: StepProgress, run: RunAddress = RUN) => answersTo(step, run).map(({ starshift }) => starshift);

describe('answersTo', () => {
  it('offers a COPY that rejected rows maxErrors and the very file, and the same through both command lines', () => {
    assert.deepEqual(answersTo(parked('CopyRejectedRows', {}, { file: FILE, files: [FILE], rejectedRows: 1 }), RUN), [
      {
        does: 'mend the rows in their files, then run the step again',
        starshift: 'npx starshift retry load-1 staging_events',
        temporal: `temporal workflow update execute --workflow-id load-1 --name retryStep --input '{"step":"staging_events"}'`,
      },
      {
        does: 'accept up to 10 rejected rows; they go into quarantine',
        starshift: 'npx starshift retry load-1 staging_events --max-errors 10',
        temporal: `temporal workflow update execute --workflow-id load-1 --name retryStep --input '{"step":"staging_events","maxErrors":10}'`,
      },
      {
        does: 'leave that file out; quarantine keeps the name',
        starshift: `npx starshift retry load-1 staging_events --exclude ${FILE}`,
        temporal: `temporal workflow update execute --workflow-id load-1 --name retryStep --input '{"step":"staging_events","exclude":["${FILE}"]}'`,
      },
      {
        does: 'go on without it and without what needs it',
        starshift: 'npx starshift skip load-1 staging_events',
        temporal: `temporal workflow update execute --workflow-id load-1 --name skipStep --input '{"step":"staging_events"}'`,
      },
      {
        does: 'end the run',
        starshift: 'npx starshift abort load-1',
        temporal: "temporal workflow update execute --workflow-id load-1 --name abort --input '{}'",
      },
    ]);
  });

  it('leaves room for more rejected rows than COPY has named', () => {
    const roomy = (rejectedRows: number) => commands(parked('CopyRejectedRows', {}, { rejectedRows }))[1];
    assert.equal(roomy(9), 'npx starshift retry load-1 staging_events --max-errors 10');
    assert.equal(roomy(10), 'npx starshift retry load-1 staging_events --max-errors 100');
    const again = parked('CopyRejectedRows', { asked: { maxErrors: 100 } }, { rejectedRows: 101 });
    assert.equal(commands(again)[1], 'npx starshift retry load-1 staging_events --max-errors 1000');
  });

  it('names every failed file, and those that an earlier retry left out: what is given replaces', () => {
    const step = parked('CopyRejectedRows', { asked: { exclude: ['s3://music/z'] } }, { files: [FILE, OTHER] });
    assert.equal(
      commands(step)[2],
      `npx starshift retry load-1 staging_events --exclude s3://music/z ${FILE} 's3://music/log_data/it'\\''s b.json'`,
    );
  });

  it('offers changed files for reload, or to be left out as they are', () => {
    assert.deepEqual(commands(parked('FileChanged', {}, { file: FILE, files: [FILE] })).slice(1, 3), [
      `npx starshift retry load-1 staging_events --reload ${FILE}`,
      `npx starshift retry load-1 staging_events --exclude ${FILE}`,
    ]);
  });

  it('promises of changed files only what is certain', () => {
    const does = (files: readonly string[]) =>
      answersTo(parked('FileChanged', {}, { files }), RUN)
        .slice(1, 3)
        .map((answer) => answer.does);
    assert.deepEqual(does([FILE]), [
      'replace the rows of that file, and of those loaded together with it, by what is there now',
      'leave the new version of that file out; quarantine keeps the name',
    ]);
    assert.deepEqual(does([FILE, OTHER]), [
      'replace the rows of these 2 files, and of those loaded together with them, by what is there now',
      'leave the new versions of these 2 files out; quarantine keeps the names',
    ]);
  });

  it('says that a list of which a name was not found is forgotten, and keeps the rest of it', () => {
    const missing = { files: [FILE], fileCount: 1 };
    const does = (asked: AskedOfStep) =>
      answersTo(parked('FileNotListed', { asked }, missing), RUN).map((answer) => [answer.does, answer.starshift]);
    const bare = 'run the step again: a retry without the list that was not found forgets it';
    assert.deepEqual(does({ reload: [FILE] })[0], [bare, 'npx starshift retry load-1 staging_events']);
    assert.match(does({ reload: [FILE] })[1]?.[1] ?? '', /skip/);
    assert.deepEqual(
      does({ reload: ['log_data/a.json', 'log_data/c.json'], exclude: ['log_data/d.json'] }).slice(0, 2),
      [
        [bare, 'npx starshift retry load-1 staging_events'],
        [
          'keep the rest of the list, and run the step again',
          'npx starshift retry load-1 staging_events --reload log_data/c.json',
        ],
      ],
    );
  });

  it('offers after a name that was not found what could be answered before it', () => {
    const error = { type: 'CopyRejectedRows', message: 'line 7', at: '2026-11-21T14:22:08.362Z' };
    const before = { error: { ...error, files: [FILE], rejectedRows: 1 }, asked: { exclude: [OTHER] } };
    const asked = { exclude: ['nonsense'], maxErrors: 0 };
    const answers = answersTo(parked('FileNotListed', { asked }, { files: ['s3://music/nonsense'], before }), RUN);
    assert.deepEqual(
      answers.map(({ does, starshift }) => [does, starshift.replace('npx starshift ', '')]),
      [
        [
          'mend the rows in their files, then run the step again; a retry without the list that was not found forgets it',
          'retry load-1 staging_events',
        ],
        ['accept up to 10 rejected rows; they go into quarantine', 'retry load-1 staging_events --max-errors 10'],
        [
          'leave that file out; quarantine keeps the name',
          `retry load-1 staging_events --exclude 's3://music/log_data/it'\\''s b.json' ${FILE}`,
        ],
        ['go on without it and without what needs it', 'skip load-1 staging_events'],
        ['end the run', 'abort load-1'],
      ],
    );
  });

  it('offers a list of changed files that is complete, however long, and no other', () => {
    const files = Array.from({ length: 20 }, (_, index) => `s3://music/${index}.json`);
    const all = answersTo(parked('FileChanged', {}, { files, fileCount: 20 }), RUN);
    assert.equal(all[1]?.starshift, `npx starshift retry load-1 staging_events --reload ${files.join(' ')}`);
    assert.equal(all[2]?.starshift, `npx starshift retry load-1 staging_events --exclude ${files.join(' ')}`);
    for (const fileCount of [21, undefined]) {
      const change = fileCount === undefined ? { files } : { files, fileCount };
      const answers = answersTo(parked('FileChanged', {}, change), RUN);
      assert.equal(answers.length, 3);
      assert.equal(
        answers.at(-1)?.does,
        'there are more changed files than an answer can name: end the run; started again with "onChanged": "reload", it replaces the rows of every changed file',
      );
    }
  });

  for (const type of [
    'LedgerMismatch',
    'ListingOutdated',
    'FileNotListed',
    'SqlFailed',
    'AuthenticationFailed',
    'SourceUnavailable',
    'Unreachable',
  ]) {
    it(`offers a COPY that failed with ${type} no settings, which could not help`, () => {
      assert.deepEqual(commands(parked(type)), [
        'npx starshift retry load-1 staging_events',
        'npx starshift skip load-1 staging_events',
        'npx starshift abort load-1',
      ]);
    });
  }

  it('offers no retry where the rows that a step needs have been replaced', () => {
    assert.deepEqual(commands(parked('StagingReplaced', { kind: 'transform', id: 'songs' })), [
      'npx starshift skip load-1 songs',
      'npx starshift abort load-1',
    ]);
  });

  it('offers no skip of a provisioning', () => {
    assert.deepEqual(commands(parked('AwsFailed', { kind: 'provision', id: 'cluster' })), [
      'npx starshift retry load-1 cluster',
      'npx starshift abort load-1',
    ]);
  });

  it('says that skipping a check accepts it, and that a full load mends what the ledger does not know', () => {
    const check = answersTo(parked('CheckFailed', { kind: 'check', id: 'check:levels' }), RUN);
    assert.deepEqual(
      check.map(({ does }) => does),
      ['mend the data, then check again', 'accept what the check found', 'end the run'],
    );
    assert.match(answersTo(parked('LedgerMismatch'), RUN).at(-1)?.does ?? '', /"mode": "full"/);
  });

  it('names namespace and address where they are not the defaults, quoted for the shell', () => {
    const [first] = answersTo(parked('SqlFailed'), {
      workflowId: "nightly load's",
      namespace: 'team a',
      address: '127.0.0.1:7243',
    });
    assert.deepEqual(first, {
      does: 'mend the cause, then run the step again',
      starshift: `TEMPORAL_NAMESPACE='team a' npx starshift retry 'nightly load'\\''s' staging_events`,
      temporal: `temporal workflow update execute --address 127.0.0.1:7243 --namespace 'team a' --workflow-id 'nightly load'\\''s' --name retryStep --input '{"step":"staging_events"}'`,
    });
  });
});
