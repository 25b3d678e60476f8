import assert from 'node:assert/strict';
import { retryStepDecision } from '../../src/domain/decisions.js';
import { parseInput } from '../../src/domain/input.js';
import { NO_WISHES, nextWishes } from '../../src/domain/retry-wishes.js';

const REJECTED = 'CopyRejectedRows';
const UNLISTED = 'FileNotListed';

describe('nextWishes', () => {
  const first = nextWishes(NO_WISHES, {
    failure: REJECTED,
    message: 'said',
    decision: { maxErrors: 5, exclude: ['a', 'b', 'a'] },
  });

  it('takes what is given, each file once', () => {
    assert.deepEqual([first.maxErrors, first.exclude], [5, ['a', 'b']]);
  });

  it('keeps what is absent', () => {
    const next = nextWishes(first, { failure: REJECTED, message: 'said', decision: {} });
    assert.deepEqual([next.maxErrors, next.exclude], [5, ['a', 'b']]);
  });

  it('replaces what is given, by nothing too', () => {
    const next = nextWishes(first, { failure: REJECTED, message: 'said', decision: { maxErrors: 0, exclude: [] } });
    assert.deepEqual([next.maxErrors, next.exclude], [0, []]);
  });

  it('falls back to the last list that could be listed', () => {
    const typo = nextWishes(first, { failure: REJECTED, message: 'said', decision: { exclude: ['typo'] } });
    const next = nextWishes(typo, { failure: UNLISTED, message: 'said', decision: {} });
    assert.deepEqual([next.maxErrors, next.exclude], [5, ['a', 'b']]);
  });

  it('keeps why a file is left out when its name was misspelt at first', () => {
    const typo = nextWishes(NO_WISHES, { failure: REJECTED, message: 'line 7', decision: { exclude: ['typo'] } });
    const next = nextWishes(typo, { failure: UNLISTED, message: 'typo not found', decision: { exclude: ['a'] } });
    assert.deepEqual(next.reasons, { a: 'line 7' });
  });

  it('keeps a list that was found when COPY finds another file gone, or the source cannot be listed', () => {
    const wished = nextWishes(first, { failure: REJECTED, message: 'said', decision: { reload: ['c'] } });
    const next = nextWishes(wished, { failure: 'SourceUnavailable', message: 'c is gone', decision: {} });
    assert.deepEqual([next.exclude, next.reload, next.reasons], [['a', 'b'], ['c'], { a: 'said', b: 'said' }]);
  });

  it('goes by what is said last of a file, as a key or as a URL', () => {
    const failure = { failure: REJECTED, message: 'said' };
    const reload = nextWishes(first, { ...failure, decision: { reload: ['s3://music/a', 'c'] } });
    assert.deepEqual([reload.exclude, reload.reload], [['b'], ['s3://music/a', 'c']]);
    const exclude = nextWishes(reload, { ...failure, decision: { exclude: ['s3://music/c', 'b'] } });
    assert.deepEqual([exclude.exclude, exclude.reload], [['s3://music/c', 'b'], ['s3://music/a']]);
    const both = nextWishes(NO_WISHES, { ...failure, decision: { exclude: ['a'], reload: ['a'] } });
    assert.deepEqual([both.exclude, both.reload], [['a'], ['a']]);
  });

  it('forgets a kept list as well when its files are gone', () => {
    const kept = nextWishes(first, { failure: REJECTED, message: 'said', decision: {} });
    assert.deepEqual(nextWishes(kept, { failure: UNLISTED, message: 'said', decision: {} }).exclude, []);
  });
});

describe('The argument of retryStep', () => {
  it('may leave nothing out any more', () => {
    const value = { step: 'staging_events', exclude: [] };
    assert.deepEqual(parseInput(retryStepDecision, value), { input: value });
  });
});
