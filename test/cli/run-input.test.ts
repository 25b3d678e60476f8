import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../../src/cli/cli-error.js';
import { parseWorkflowName, readRunInput } from '../../src/cli/run-input.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { WORKFLOWS } from '../../src/domain/names.js';

const wrongUsage = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CliError);
  assert.equal(error.exitCode, 2);
  assert.match(error.message, pattern);
  return true;
};

describe('readRunInput', () => {
  it('names every error of the input at once', async () => {
    const json = JSON.stringify({
      warehouse: 'Nope!',
      source: { url: 'http://x' },
      target: { cluster: 'music' },
      wat: 1,
    });
    await assert.rejects(readRunInput({ workflow: 'loadWarehouse', file: undefined, json }), (error: unknown) => {
      wrongUsage(/is not an input of loadWarehouse/)(error);
      wrongUsage(/warehouse: is not the name of a warehouse folder/)(error);
      wrongUsage(/source\.url: is not an S3 URL/)(error);
      return wrongUsage(/wat: is not a known field/)(error);
    });
  });

  it('says where the JSON breaks', async () => {
    const request = { workflow: 'loadWarehouse', file: undefined, json: '{' } as const;
    await assert.rejects(readRunInput(request), wrongUsage(/^--input is not JSON: /));
  });

  it('names the file that is not there', async () => {
    const request = { workflow: 'loadWarehouse', file: 'no/such.json', json: undefined } as const;
    await assert.rejects(readRunInput(request), wrongUsage(/^no\/such\.json cannot be read/));
  });

  it('wants exactly one of --input-file and --input, and names the example', async () => {
    const request = { workflow: 'loadWarehouse', file: undefined, json: undefined } as const;
    await assert.rejects(readRunInput(request), wrongUsage(/--input-file examples\/load-warehouse\.json/));
  });

  for (const workflow of WORKFLOWS) {
    it(`accepts the example of ${workflow}`, async () => {
      const name = `${workflow.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.json`;
      await readRunInput({ workflow, file: join(PROJECT_ROOT, 'examples', name), json: undefined });
    });
  }

  it('has an example for every workflow, an incremental one for loads, and no other', async () => {
    const names = readdirSync(join(PROJECT_ROOT, 'examples')).filter((name) => name.endsWith('.json'));
    assert.equal(names.length, WORKFLOWS.length + 1);
    const file = join(PROJECT_ROOT, 'examples', 'load-incremental.json');
    const incremental = await readRunInput({ workflow: 'loadWarehouse', file, json: undefined });
    assert.equal(incremental.mode, 'incremental');
    // The default asks a person before it replaces rows; an example that people copy does not turn that off.
    assert.equal('onChanged' in incremental, false);
  });
});

describe('parseWorkflowName', () => {
  it('names the workflows there are', () => {
    assert.throws(
      () => parseWorkflowName('loadwarehouse'),
      wrongUsage(/Workflows: buildWarehouse, provisionWarehouse/),
    );
  });
});
