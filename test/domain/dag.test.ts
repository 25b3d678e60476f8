import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ancestors,
  CycleError,
  type DagNode,
  dependents,
  findCycle,
  levels,
  topologicalOrder,
} from '../../src/domain/dag.js';

const STAR: readonly DagNode[] = [
  { id: 'time', needs: ['songplays'] },
  { id: 'songplays', needs: ['events', 'songs'] },
  { id: 'users', needs: ['events'] },
  { id: 'events', needs: [] },
  { id: 'songs', needs: [] },
];

const ids = (nodes: readonly DagNode[]) => nodes.map((node) => node.id);

/** Graphs without a circle: a node needs only nodes of a smaller number; the order of the nodes is shuffled. */
const acyclic = fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 20 }).chain((needs) =>
  fc.shuffledSubarray(
    needs.map((list, index) => ({
      id: `n${index}`,
      needs: [...new Set(list.filter((need) => need < index).map((need) => `n${need}`))],
    })),
    { minLength: needs.length },
  ),
);

/** Graphs of any kind, circles and nodes that need themselves included. */
const anyGraph = fc
  .array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 })
  .map((needs) =>
    needs.map((list, index) => ({ id: `n${index}`, needs: [...new Set(list.map((need) => `n${need}`))] })),
  );

describe('dag', () => {
  it('puts every step after what it needs and otherwise keeps the order', () => {
    assert.deepEqual(ids(topologicalOrder(STAR)), ['events', 'songs', 'songplays', 'users', 'time']);
  });

  it('puts steps that can run side by side into one level', () => {
    assert.deepEqual(levels(STAR).map(ids), [['events', 'songs'], ['songplays', 'users'], ['time']]);
  });

  it('names the steps of a circle in order', () => {
    const nodes = [
      ...STAR.slice(1),
      { id: 'events', needs: ['a'] },
      { id: 'a', needs: ['b'] },
      { id: 'b', needs: ['a'] },
    ];
    assert.deepEqual(findCycle(nodes), ['a', 'b', 'a']);
    assert.throws(() => topologicalOrder(nodes.slice(3)), new CycleError(['a', 'b', 'a']));
  });

  it('takes a step that needs itself for a circle', () => {
    assert.deepEqual(findCycle([{ id: 'a', needs: ['a'] }]), ['a', 'a']);
  });

  it('finds what depends on a step, near and far', () => {
    assert.deepEqual(dependents(STAR, 'events'), ['time', 'songplays', 'users']);
    assert.deepEqual(dependents(STAR, 'songs'), ['time', 'songplays']);
    assert.deepEqual(dependents(STAR, 'time'), []);
  });

  it('finds what a step depends on, near and far', () => {
    assert.deepEqual(ancestors(STAR, 'time'), ['songplays', 'events', 'songs']);
    assert.deepEqual(ancestors(STAR, 'events'), []);
  });

  it('walks a chain of 20,000 steps', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => ({ id: `n${n}`, needs: n === 19_999 ? [] : [`n${n + 1}`] }));
    assert.equal(findCycle(chain), undefined);
  });

  it('orders every graph without a circle completely and correctly', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const order = ids(topologicalOrder(nodes));
        assert.deepEqual([...order].sort(), ids(nodes).sort());
        for (const { id, needs } of nodes) {
          for (const need of needs) assert.ok(order.indexOf(need) < order.indexOf(id), `${need} before ${id}`);
        }
        assert.equal(findCycle(nodes), undefined);
      }),
    );
  });

  it('either orders a graph or names a real circle of it', () => {
    fc.assert(
      fc.property(anyGraph, (nodes) => {
        const cycle = findCycle(nodes);
        if (cycle === undefined) {
          assert.equal(topologicalOrder(nodes).length, nodes.length);
          return;
        }
        assert.throws(() => topologicalOrder(nodes), CycleError);
        assert.equal(cycle[0], cycle.at(-1));
        for (const [index, id] of cycle.slice(0, -1).entries()) {
          assert.ok(nodes.find((node) => node.id === id)?.needs.includes(cycle[index + 1] as string));
        }
      }),
    );
  });

  it('sees dependents and ancestors as two sides of one relation', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        for (const { id } of nodes) {
          for (const dependent of dependents(nodes, id)) assert.ok(ancestors(nodes, dependent).includes(id));
        }
      }),
    );
  });
});
