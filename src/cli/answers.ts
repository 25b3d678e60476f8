import { ABORT_UPDATE, RETRY_STEP_UPDATE, SKIP_STEP_UPDATE } from '../domain/names.js';
import type { RunProgress, StepProgress } from '../domain/progress.js';
import type { Destination } from './connect.js';
import { shellQuote } from './format.js';

/** The Temporal CLI finds these by itself. */
const DEFAULT_ADDRESSES = new Set(['127.0.0.1:7233', 'localhost:7233']);

/** Flags that the Temporal CLI needs to reach this destination; empty where its defaults do. */
export function temporalFlags(destination: Pick<Destination, 'config'>): string {
  const { address, namespace } = destination.config.temporal;
  return [
    DEFAULT_ADDRESSES.has(address) ? '' : ` --address ${address}`,
    namespace === 'default' ? '' : ` --namespace ${shellQuote(namespace)}`,
  ].join('');
}

export function parkedSteps(progress: RunProgress): readonly StepProgress[] {
  return progress.steps.filter((step) => step.state === 'parked');
}

/** The error of every parked step, and the commands that answer it. */
export function describeParked(progress: RunProgress, destination: Pick<Destination, 'config'>): string[] {
  return parkedSteps(progress).flatMap((step) => [
    `Step ${step.id} failed (${step.error?.type ?? 'unknown'}) and waits for an answer:`,
    ...indent(step.error?.message ?? 'no error is known'),
    'Answer with one of:',
    ...indent(answerCommands({ workflowId: progress.workflowId, step, destination }).join('\n')),
  ]);
}

/** Ready to paste: `starshift` first, then the same through the Temporal CLI. */
export function answerCommands(request: {
  readonly workflowId: string;
  readonly step: StepProgress;
  readonly destination: Pick<Destination, 'config'>;
}): string[] {
  const { workflowId, step, destination } = request;
  const id = shellQuote(workflowId);
  const isCopy = step.kind === 'stage';
  const update = (name: string, input: object) =>
    `temporal workflow update execute${temporalFlags(destination)} --workflow-id ${id} --name ${name} --input ${shellQuote(JSON.stringify(input))}`;
  return [
    `npx starshift retry ${id} ${step.id}${isCopy ? ' [--max-errors N] [--exclude S3_URL]' : ''}`,
    `npx starshift skip ${id} ${step.id}`,
    `npx starshift abort ${id}`,
    update(RETRY_STEP_UPDATE, { step: step.id }),
    update(SKIP_STEP_UPDATE, { step: step.id }),
    update(ABORT_UPDATE, {}),
  ];
}

function indent(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}
