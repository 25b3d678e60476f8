import assert from 'node:assert/strict';
import { answersTo, type RunAddress } from '../../src/domain/answers.js';
import type { StepError, StepProgress } from '../../src/domain/progress.js';

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

  it('says that names which were not found are forgotten', () => {
    const [first] = answersTo(parked('FileNotListed'), RUN);
    assert.equal(first?.does, 'forget the names that were not found, and run the step again');
  });

  it('offers no list of changed files that may not be all of them', () => {
    const files = Array.from({ length: 20 }, (_, index) => `s3://music/${index}.json`);
    const answers = answersTo(parked('FileChanged', {}, { files }), RUN);
    assert.ok(answers.every(({ starshift }) => !/--reload|--exclude/.test(starshift)));
    assert.match(answers.at(-1)?.does ?? '', /"onChanged": "reload"/);
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
