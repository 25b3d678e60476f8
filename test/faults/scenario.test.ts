import assert from 'node:assert/strict';
import { FAULT_CLASSES } from '../../faults/fault-classes.js';
import { drawScenario, SCENARIOS } from '../../faults/scenario.js';
import { nextSeed, randomFor, seedOfRun } from '../../faults/seeds.js';

const SAMPLE = {
  name: 'generated',
  files: new Map([
    ['log_json_path.json', Buffer.from('{}')],
    ...Array.from(
      { length: 9 },
      (_, day) => [`log_data/${day}.json`, Buffer.from('{"gender":"F"}\n{"gender":"F"}\n')] as const,
    ),
    ...Array.from({ length: 9 }, (_, song) => [`song_data/${song}.json`, Buffer.from('{"title": "A"}')] as const),
  ]),
};
const SHAPE = {
  tables: [],
  prefixes: {},
  stageSteps: ['staging_events', 'staging_songs'],
  transformSteps: ['users', 'songs'],
};

function draw(name: string, seed: number) {
  const faultClass = FAULT_CLASSES.find((candidate) => candidate.name === name);
  assert.ok(faultClass);
  const run = { faultClass: name, seed };
  const scenario = drawScenario(randomFor(run, 'scenario'), { samples: [SAMPLE], kinds: SCENARIOS });
  return { scenario, what: faultClass.plan({ random: randomFor(run, 'fault'), scenario, shape: SHAPE }).what };
}

describe('seeds of the fault harness', () => {
  it('repeat the very same run', () => {
    for (const { name } of FAULT_CLASSES) {
      for (let seed = 0; seed < 20; seed += 1) assert.deepEqual(draw(name, seed), draw(name, seed));
    }
  });

  it('begin a series with the run that printed them', () => {
    assert.equal(seedOfRun(3_748_349_529, 0), 3_748_349_529);
  });

  it('differ from run to run and from miss to miss', () => {
    const seeds = Array.from({ length: 1_000 }, (_, index) => seedOfRun(7, index));
    assert.equal(new Set([...seeds, ...seeds.map(nextSeed)]).size, 2_000);
  });

  it('draw every scenario', () => {
    const kinds = Array.from({ length: 200 }, (_, index) => draw('killWorker', seedOfRun(1, index)).scenario.kind);
    assert.deepEqual([...new Set(kinds)].sort(), [...SCENARIOS].sort());
  });

  it('leave files of both folders to every earlier load', () => {
    for (let index = 0; index < 200; index += 1) {
      for (const { files } of draw('diskFull', seedOfRun(2, index)).scenario.earlier) {
        const folders = new Set([...files.keys()].map((key) => key.split('/')[0]));
        assert.deepEqual([...folders].sort(), ['log_data', 'log_json_path.json', 'song_data']);
      }
    }
  });
});
