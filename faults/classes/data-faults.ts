import type { FaultClass } from '../fault-class.js';

/**
 * A file arrives broken, and somebody mends it after the step has parked: a rejected COPY, or a changed file where the ledger knows
 * the right one.
 */
export const brokenFile: FaultClass = {
  name: 'brokenFile',
  plan: ({ random, scenario }) => {
    const { files } = scenario.sample;
    const key = random.pick([...files.keys()].filter((name) => name.includes('/')));
    const right = files.get(key) as Buffer;
    const { how, body } = random.pick(key.startsWith('log_data/') ? brokenLogs(right) : brokenSongs(right));
    return {
      what: `${key} with ${how}`,
      mayPark: true,
      arm: async ({ bench, prefix }) => {
        await bench.bucket.replace(prefix, new Map([[key, body]]));
        const mend = () => bench.bucket.replace(prefix, new Map([[key, right]]));
        return { heal: mend, settle: mend, struck: ({ failures }) => failures.some((text) => text.includes(key)) };
      },
    };
  },
};

interface BrokenBody {
  readonly how: string;
  readonly body: Buffer;
}

function brokenLogs(right: Buffer): readonly BrokenBody[] {
  const lines = right.toString('utf8').trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  const withLast = (line: string) => Buffer.from([...lines.slice(0, -1), line].join('\n'));
  return [
    { how: 'a time that is none', body: withLast(last.replace(/"ts": *\d+/, '"ts":"abc"')) },
    { how: 'a gender of two letters', body: withLast(last.replace(/"gender": *("[^"]*"|null)/, '"gender":"XX"')) },
    { how: 'its end cut off', body: withLast(last.slice(0, Math.floor(last.length / 2))) },
  ];
}

function brokenSongs(right: Buffer): readonly BrokenBody[] {
  const text = right.toString('utf8');
  return [
    { how: 'a year that is none', body: Buffer.from(text.replace(/"year": *\d+/, '"year": "abc"')) },
    { how: 'its end cut off', body: Buffer.from(text.slice(0, Math.floor(text.length / 2))) },
  ];
}
