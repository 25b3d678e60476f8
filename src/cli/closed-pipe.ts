/**
 * Ends the command quietly when nobody reads its output any more, as in `starshift status | head -1`. One that holds servers up or
 * follows a run stops in order, as at SIGTERM; what it still says is lost.
 */
export function endWithReader(): void {
  let isClosed = false;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (isClosed) return;
    isClosed = true;
    if (process.listenerCount('SIGTERM') === 0) process.exit();
    process.emit('SIGTERM', 'SIGTERM');
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}
