import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import {
  NOTIFICATION_EVENTS,
  NOTIFICATION_VERSION,
  type Notification,
  type NotificationEvent,
  notificationOf,
} from '../../src/domain/notification.js';
import type { RunProgress, StepError, StepProgress } from '../../src/domain/progress.js';

const SCHEMA = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../docs/notification.schema.json', import.meta.url)), 'utf8'),
);

const STEP: StepProgress = {
  id: 'staging_events',
  kind: 'stage',
  title: 'COPY staging_events <- s3://music/log_data (30 files)',
  state: 'parked',
  needs: [],
  tries: 2,
  decideBy: '2026-11-24T14:22:08.362Z',
  error: {
    type: 'CopyRejectedRows',
    message: 'COPY into staging_events rejected s3://music/a.json line 7, column "ts": "abc".\nFix the file.',
    at: '2026-11-21T14:22:08.362Z',
    file: 's3://music/a.json',
    files: ['s3://music/a.json'],
    rejectedRows: 1,
  },
};

const PROGRESS: RunProgress = {
  workflow: 'loadWarehouse',
  workflowId: 'nightly',
  warehouse: 'sparkify',
  cluster: 'music',
  status: 'parked',
  steps: [STEP],
  startedAt: '2026-11-21T14:22:00.000Z',
};

const facts = (event: NotificationEvent, change: { step?: StepProgress; progress?: RunProgress } = {}) => ({
  ...{ event, number: 3, at: '2026-11-21T14:22:09.000Z', runId: 'run-1', namespace: 'default' },
  ...{ progress: PROGRESS, ...change },
});

describe('notificationOf', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(SCHEMA);
  const assertValid = (notification: Notification) => {
    // As it is sent: undefined fields are no fields.
    assert.ok(validate(JSON.parse(JSON.stringify(notification))), JSON.stringify(validate.errors));
  };

  it('tells a parked step with its error, its answers and its deadline', () => {
    const notification = notificationOf(facts('parked', { step: STEP }));
    assertValid(notification);
    assert.equal(
      notification.text,
      'loadWarehouse nightly: step staging_events failed and waits for an answer until 2026-11-24 14:22:08 UTC: COPY into staging_events rejected s3://music/a.json line 7, column "ts": "abc".',
    );
    assert.deepEqual(
      [notification.version, notification.id, notification.decideBy, notification.error],
      [1, 'run-1/3', '2026-11-24T14:22:08.362Z', STEP.error],
    );
    assert.deepEqual(
      notification.answers.map(({ starshift }) => starshift),
      [
        'npx starshift retry nightly staging_events',
        'npx starshift retry nightly staging_events --max-errors 10',
        'npx starshift retry nightly staging_events --exclude s3://music/a.json',
        'npx starshift skip nightly staging_events',
        'npx starshift abort nightly',
      ],
    );
  });

  for (const [what, error, line] of [
    [
      'changed files',
      {
        message:
          '25 files under s3://music/ have changed since they were loaded into t:\nby run r (load 3):\n  s3://music/a.json: ETag',
        files: ['s3://music/a.json', 's3://music/b.json'],
        fileCount: 25,
      },
      '25 files under s3://music/ have changed since they were loaded into t: s3://music/a.json and 24 more',
    ],
    [
      'rejected rows',
      {
        message: 'COPY into t rejected 5 rows:\ns3://music/a.json line 3: Bad.\ns3://music/a.json line 4: Bad.',
        files: ['s3://music/a.json'],
      },
      'COPY into t rejected 5 rows: s3://music/a.json',
    ],
    [
      'a list of something else',
      {
        message:
          'Warehouse music is not valid:\n  load/a.sql:1: holds no statement\n  load/b.sql:1: holds no statement',
      },
      'Warehouse music is not valid: load/a.sql:1: holds no statement ...',
    ],
  ] as const) {
    it(`says in one line what, where and how many: ${what}`, () => {
      const { files: _, file: __, ...known } = STEP.error as StepError;
      const step: StepProgress = { ...STEP, error: { ...known, ...error } };
      const { text } = notificationOf(facts('parked', { step }));
      assert.equal(text.split(' UTC: ')[1], line);
    });
  }

  it('lists what a run did without', () => {
    const steps = [{ ...STEP, state: 'skipped', note: 'skipped by a person after CopyRejectedRows' } as const];
    const progress = { ...PROGRESS, status: 'completedWithSkips', steps } as const;
    const notification = notificationOf(facts('completedWithSkips', { progress }));
    assertValid(notification);
    assert.deepEqual(notification.skipped, [
      { step: 'staging_events', reason: 'skipped by a person after CopyRejectedRows' },
    ]);
    assert.equal(notification.text, 'loadWarehouse nightly completed with skipped steps: staging_events');
    assert.deepEqual(notification.answers, []);
  });

  for (const event of NOTIFICATION_EVENTS) {
    it(`fits the published schema: ${event}`, () => {
      const progress: RunProgress = { ...PROGRESS, outcome: 'Because.\nMore.' };
      assertValid(notificationOf(facts(event, { progress })));
      assertValid({
        ...notificationOf(facts(event, { progress, step: STEP })),
        uiUrl: 'https://temporal.example.com/x',
      });
    });
  }

  it('is described by the schema in version and events', () => {
    assert.equal(SCHEMA.properties.version.const, NOTIFICATION_VERSION);
    assert.deepEqual(SCHEMA.properties.event.enum, NOTIFICATION_EVENTS);
  });
});
