import assert from 'node:assert/strict';
import { mix, Random } from '../../src/sample/random.js';

describe('random', () => {
  it('gives the same numbers for the same keys, and others for others', () => {
    const numbers = (seed: number, kind: number, index: number) => {
      const random = new Random().reseed(seed, kind, index);
      return Array.from({ length: 4 }, () => random.next());
    };
    assert.deepEqual(numbers(1, 2, 3), numbers(1, 2, 3));
    const firsts = [numbers(1, 2, 3), numbers(2, 2, 3), numbers(1, 3, 3), numbers(1, 2, 4), numbers(1, 2, 3 + 2 ** 32)];
    assert.equal(new Set(firsts.map((list) => list.join())).size, 5);
  });

  it('spreads evenly', () => {
    const random = new Random().reseed(1, 1);
    const buckets = Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw += 1) {
      const bucket = random.below(10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) assert.ok(count > 9_500 && count < 10_500, String(buckets));
    let sum = 0;
    for (let draw = 0; draw < 100_000; draw += 1) sum += random.fraction();
    assert.ok(Math.abs(sum / 100_000 - 0.5) < 0.01);
  });

  it('scrambles different numbers into different numbers', () => {
    assert.equal(new Set(Array.from({ length: 100_000 }, (_, index) => mix(index))).size, 100_000);
  });
});
