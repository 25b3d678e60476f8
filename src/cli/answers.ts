import { temporalFlags as flagsOf, type RunAddress } from '../domain/answers.js';
import { commandLines, describeParkedSteps, type ParkedText, parkedSteps } from '../domain/parked-text.js';
import { printable } from '../domain/printable.js';
import type { RunProgress } from '../domain/progress.js';
import type { Destination } from './connect.js';

export { parkedSteps };

/** The Temporal CLI finds these by itself. */
const DEFAULT_ADDRESSES = new Set(['127.0.0.1:7233', 'localhost:7233']);

/** Flags that the Temporal CLI needs to reach this destination; empty where its defaults do. */
export function temporalFlags(destination: Pick<Destination, 'config'>): string {
  return flagsOf(placeOf(destination));
}

/** The error of every parked step, and the commands that answer it, in the same words as in the Web UI. */
export function describeParked(progress: RunProgress, destination: Pick<Destination, 'config'>): string[] {
  const run: RunAddress = { workflowId: progress.workflowId, ...placeOf(destination) };
  return describeParkedSteps(progress, run).flatMap(describe);
}

function describe({ heading, failure, error, answers }: ParkedText): string[] {
  return [
    `Step ${heading}: ${failure}`,
    ...indent(printable(error)),
    'Answer with one of:',
    ...indent(commandLines(answers, 'starshift', 'temporal').join('\n')),
  ];
}

function placeOf({ config }: Pick<Destination, 'config'>): Omit<RunAddress, 'workflowId'> {
  const { address, namespace } = config.temporal;
  return { namespace, address: DEFAULT_ADDRESSES.has(address) ? undefined : address };
}

function indent(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}
