import assert from 'node:assert/strict';
import { findOrderErrors } from '../../src/domain/load-order.js';
import type { LoadStepPlan } from '../../src/domain/plan.js';

function step(id: string, ...needs: readonly string[]): LoadStepPlan {
  return { kind: 'transform', id, table: id, reads: [], needs };
}

describe('findOrderErrors', () => {
  it('finds nothing in a topological order', () => {
    assert.deepEqual(findOrderErrors({ load: [step('a'), step('b', 'a'), step('c', 'a', 'b')] }), []);
  });

  it('names steps that need later or unknown steps, or themselves', () => {
    assert.deepEqual(findOrderErrors({ load: [step('a', 'b'), step('b', 'b'), step('c', 'x')] }), [
      'a needs b, which is not an earlier step',
      'b needs b, which is not an earlier step',
      'c needs x, which is not an earlier step',
    ]);
  });

  it('names steps that are defined twice', () => {
    assert.deepEqual(findOrderErrors({ load: [step('a'), step('a')] }), ['a is defined twice']);
  });
});
