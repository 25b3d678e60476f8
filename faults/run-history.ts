import type { Client } from '@temporalio/client';

/** What a run's history says about its attempts. */
export interface AttemptFacts {
  readonly activities: number;
  /** Of all activities together. */
  readonly attempts: number;
  /** Messages of attempts that failed. */
  readonly failures: readonly string[];
}

/** Reads a run's whole history. */
export async function readAttempts(client: Client, workflowId: string): Promise<AttemptFacts> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const started = (events ?? []).flatMap(({ activityTaskStartedEventAttributes: facts }) => (facts ? [facts] : []));
  const ended = (events ?? []).flatMap((event) => {
    const failure =
      event.activityTaskFailedEventAttributes?.failure ?? event.activityTaskTimedOutEventAttributes?.failure;
    return failure ? [describe(failure)] : [];
  });
  return {
    activities: started.length,
    attempts: started.reduce((sum, { attempt }) => sum + (attempt ?? 1), 0),
    failures: [...started.flatMap(({ lastFailure }) => (lastFailure ? [describe(lastFailure)] : [])), ...ended],
  };
}

interface Failure {
  readonly message?: string | null;
  readonly cause?: Failure | null;
}

function describe({ message, cause }: Failure): string {
  return cause ? `${message ?? ''}: ${describe(cause)}` : (message ?? '');
}
