import assert from 'node:assert/strict';
import { pollersText } from '../../src/cli/silent-run.js';

describe('workers that do not answer', () => {
  it('are named, one or several', () => {
    assert.equal(pollersText(['1@a']), 'worker 1@a polls its task queue but did not answer');
    assert.equal(pollersText(['1@a', '2@b']), 'workers 1@a and 2@b poll its task queue but did not answer');
    assert.equal(pollersText(['1@a', '2@b', '3@c']), 'workers 1@a, 2@b and 3@c poll its task queue but did not answer');
  });
});
