import assert from 'node:assert/strict';
import { durationMs, formatDuration, utcText } from '../../src/domain/duration.js';

describe('durationMs', () => {
  for (const [text, ms] of [
    ['72 hours', 259_200_000],
    ['30m', 1_800_000],
    ['1.5 days', 129_600_000],
    ['1 second', 1_000],
    ['250ms', 250],
    ['90 minutes', 5_400_000],
  ] as const) {
    it(`reads ${text}`, () => assert.equal(durationMs(text), ms));
  }

  it('refuses anything else', () => assert.throws(() => durationMs('soon'), /"soon" is not a duration/));
});

describe('formatDuration', () => {
  for (const [ms, text] of [
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 0 s'],
    [3_599_000, '59 min 59 s'],
    [7_800_000, '2 h 10 min'],
    [259_200_000, '3 d 0 h'],
  ] as const) {
    it(`writes ${ms} ms as ${text}`, () => assert.equal(formatDuration(ms), text));
  }
});

describe('utcText', () => {
  it('is a time that a person reads', () =>
    assert.equal(utcText('2026-11-24T14:22:08.362Z'), '2026-11-24 14:22:08 UTC'));
});
