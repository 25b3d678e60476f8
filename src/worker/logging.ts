import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';

let installed = false;

/**
 * Sends everything the worker logs to stderr, one JSON object a line. The runtime is one a process: only the first call counts.
 * SIGINT and SIGTERM shut workers down. Node's own warnings go the same way.
 */
export function installLogging(write: (line: string) => void): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => write(formatEntry(entry))),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
    shutdownSignals: ['SIGINT', 'SIGTERM'],
  });
  // Node's listener prints warnings as plain text.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => Runtime.instance().logger.warn(`${name}: ${message}`));
}

/** One line of JSON; errors keep their stack, and what JSON cannot hold becomes text. */
export function formatEntry({ level, message, timestampNanos, meta }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  return JSON.stringify({ time, level, message, ...meta }, (_key, value: unknown) => {
    if (value instanceof Error) return value.stack ?? value.message;
    return typeof value === 'bigint' ? String(value) : value;
  });
}
