import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure, Connection } from '@temporalio/client';
import type { CopyBatchRequest, ListSourceRequest } from '../../src/activities/activities.js';
import type { StepAnswer } from '../../src/domain/progress.js';
import type { LocalStack } from '../../src/local-stack/start-local-stack.js';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, TestRun, TestRuns } from '../workflows/test-runs.js';
import { type Finished, startProgram } from './support/run-program.js';

/** What people have typed, and what lies in buckets. */
const WORKFLOW_ID = `it's "$HOME" & co`;
const FILE = `s3://music/log data/it's $(date) "new".json`;
const NAMESPACES = ['default', 'team-a'];

for (const namespace of NAMESPACES) {
  describe(`the commands that are printed for a parked step do what they say (namespace ${namespace})`, function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    let stack: LocalStack;
    let runs: TestRuns;
    let number = 0;

    before(async () => {
      stack = await getTestStack({ temporal: true, s3: false, redshift: false });
      if (namespace !== 'default') await createNamespace(stack.temporal.address, namespace);
      runs = await TestRuns.begin({ namespace });
    });
    after(() => runs?.end());

    /** As in a terminal in the project's folder, on these sources and on a server that is not at the default address. */
    const paste = (command: string): Promise<Finished> =>
      startProgram({
        command: 'bash',
        args: ['-c', `npx() { shift; "$NODE" --import tsx src/cli.ts "$@"; }\n${command}`],
        environment: {
          ...process.env,
          NODE: process.execPath,
          PATH: `${dirname(stack.temporal.binary)}:${process.env.PATH}`,
          TEMPORAL_ADDRESS: stack.temporal.address,
          TEMPORAL_NAMESPACE: '',
        },
      }).finished;

    const pasted = async (command: string): Promise<Finished> => {
      const finished = await paste(command);
      assert.equal(finished.code, 0, `${command}\n${finished.stdout}${finished.stderr}`);
      return finished;
    };

    const fail = (type: string, ...details: unknown[]) => {
      let isBroken = true;
      runs.activities.reset({
        copyBatch: async ({ step, listing }) => {
          if (step === 'staging_events' && isBroken) {
            isBroken = false;
            throw ApplicationFailure.nonRetryable('no', type, ...details);
          }
          return { rows: 1, files: listing.files, sizeBytes: 1, rejectedRows: 0, rejects: [], alreadyDone: false };
        },
      });
    };

    async function park(input: object): Promise<{ run: TestRun; answers: readonly StepAnswer[] }> {
      number += 1;
      const { taskQueue } = runs;
      const workflowId = `${WORKFLOW_ID} ${namespace} ${number}`;
      const args = [{ ...LOAD, ...input }];
      const run = new TestRun(await runs.client.workflow.start('loadWarehouse', { taskQueue, workflowId, args }));
      const { answers = [] } = await run.until('staging_events', 'parked');
      return { run, answers };
    }

    const of = <Request extends { readonly step: string }>(name: 'listSource' | 'copyBatch') =>
      runs.activities.requests<Request>(name).findLast(({ step }) => step === 'staging_events');

    /** By the words that the answer promises; each is to come true. */
    const PROMISES: Readonly<Record<string, (run: TestRun) => Promise<void>>> = {
      'mend the rows in their files, then run the step again': async (run) => {
        assert.equal((await run.result()).status, 'completed');
        assert.deepEqual(of<ListSourceRequest>('listSource')?.exclude, []);
      },
      'accept up to 10 rejected rows; they go into quarantine': async (run) => {
        assert.equal((await run.result()).status, 'completed');
        assert.equal(of<CopyBatchRequest>('copyBatch')?.maxErrors, 10);
      },
      'leave that file out; quarantine keeps the name': async (run) => {
        assert.equal((await run.result()).status, 'completed');
        assert.deepEqual(of<ListSourceRequest>('listSource')?.exclude, [FILE]);
      },
      'leave the new version of that file out; quarantine keeps the name': async (run) => {
        assert.equal((await run.result()).status, 'completed');
        assert.deepEqual(of<ListSourceRequest>('listSource')?.exclude, [FILE]);
      },
      'replace the rows of that file, and of those loaded together with it, by what is there now': async (run) => {
        assert.equal((await run.result()).status, 'completed');
        assert.deepEqual(of<ListSourceRequest>('listSource')?.incremental?.reload, [FILE]);
      },
      'put back what was loaded, then run the step again': async (run) => {
        assert.equal((await run.result()).status, 'completed');
      },
      'go on without it and without what needs it': async (run) => {
        const { status, skipped } = await run.result();
        assert.equal(status, 'completedWithSkips');
        assert.deepEqual(
          skipped?.map(({ step }) => step),
          ['staging_events', 'songplays', 'time'],
        );
      },
      'end the run': async (run) => assert.equal((await run.failure()).type, 'RunAborted'),
      'end the run; started again with "onChanged": "reload", it replaces the rows of every changed file': async (
        run,
      ) => assert.equal((await run.failure()).type, 'RunAborted'),
    };

    for (const [type, input, count] of [
      ['CopyRejectedRows', {}, 5],
      ['FileChanged', { mode: 'incremental' }, 5],
    ] as const) {
      for (let index = 0; index < count; index += 1) {
        // One command line is enough of what differs in the namespace only.
        for (const form of namespace === 'default' ? (['starshift', 'temporal'] as const) : (['temporal'] as const)) {
          it(`${type}, answer ${index + 1} of ${count} with ${form}`, async () => {
            fail(type, { file: FILE });
            const { run, answers } = await park(input);
            assert.equal(answers.length, count);
            const answer = answers[index];
            const promise = PROMISES[answer?.does ?? ''];
            assert.ok(answer !== undefined && promise !== undefined, answer?.does);
            await pasted(answer[form]);
            await promise(run);
          });
        }
      }
    }

    it('stand in what starshift status prints, whose exit code says that the run waits', async () => {
      fail('CopyRejectedRows', { file: FILE });
      const { run, answers } = await park({});
      const prefix = namespace === 'default' ? '' : `TEMPORAL_NAMESPACE=${namespace} `;
      const { code, stdout } = await paste(
        `${prefix}npx starshift status '${run.handle.workflowId.replace("'", "'\\''")}'`,
      );
      assert.equal(code, 1);
      const lines = stdout.split('\n').map((line) => line.trim());
      for (const { does, starshift } of answers) {
        assert.ok(
          lines.some((line) => line.endsWith(does)),
          `${does}\n${stdout}`,
        );
        assert.ok(lines.includes(starshift), `${starshift}\n${stdout}`);
      }
      const retry = lines.find((line) => line.startsWith('temporal ') && line.includes('maxErrors')) ?? '';
      assert.match(retry, new RegExp(`--address ${stack.temporal.address.replaceAll('.', '\\.')} `));
      await pasted(retry);
      assert.equal((await run.result()).status, 'completed');
      assert.equal((await paste(`${prefix}npx starshift status nothing-of-the-kind`)).code, 1);
    });

    it('go on from the failed step of a run that has ended', async () => {
      fail('SqlFailed');
      const workflowId = `${WORKFLOW_ID} ${namespace} reset`;
      const args = [{ ...LOAD, onFailure: 'fail' }];
      const { taskQueue } = runs;
      const run = new TestRun(await runs.client.workflow.start('loadWarehouse', { taskQueue, workflowId, args }));
      const { message } = await run.failure();
      const planned = runs.activities.requests('planWarehouse').length;
      await pasted(message.split('\n').at(-1) ?? '');
      const again = new TestRun(runs.client.workflow.getHandle(workflowId));
      assert.equal((await again.result()).status, 'completed');
      assert.equal(runs.activities.requests('planWarehouse').length, planned);
    });
  });
}

/** A new namespace is known to every part of the server some seconds later. */
async function createNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } })
      .catch((error: Error) => {
        if (!/already/i.test(error.message)) throw error;
      });
    for (const deadline = Date.now() + 60_000; ; await delay(200)) {
      const ready = await connection.workflowService.listWorkflowExecutions({ namespace }).then(
        () => true,
        () => false,
      );
      if (ready) return;
      assert.ok(Date.now() < deadline, `namespace ${namespace} is not ready`);
    }
  } finally {
    await connection.close();
  }
}
