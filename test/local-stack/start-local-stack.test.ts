import assert from 'node:assert/strict';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';

describe('startLocalStack', () => {
  it('gives the same stack to a test that wants less', async function () {
    this.timeout(STACK_START_TIMEOUT_MS);
    const stack = await getTestStack({ redshift: false });
    assert.equal(await getTestStack({ redshift: false, s3: false }), stack);
  });
});
