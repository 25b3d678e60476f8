import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** Thrown by a step that a person skipped while it waited for something that is no failure. */
export class SkippedWhileWaiting extends Error {
  override readonly name = 'SkippedWhileWaiting';
}

/**
 * Does the work until a person says to go on without it; then the work is cancelled, and awaited.
 * @throws SkippedWhileWaiting
 */
export async function waitUnlessSkipped(work: () => Promise<void>, isSkipped: () => boolean): Promise<void> {
  const working = new CancellationScope();
  const watching = new CancellationScope();
  const watch = watching
    .run(() => condition(isSkipped))
    .then(
      () => working.cancel(),
      () => undefined,
    );
  try {
    await working.run(work);
  } catch (error) {
    if (isSkipped() && isCancellation(error)) throw new SkippedWhileWaiting();
    throw error;
  } finally {
    watching.cancel();
    await watch;
  }
  // It ended by itself while it was being cancelled; the person's word counts all the same.
  if (isSkipped()) throw new SkippedWhileWaiting();
}
