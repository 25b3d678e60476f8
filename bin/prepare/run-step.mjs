import { spawn } from 'node:child_process';

const REPORT_EVERY_MS = 15_000;
const REDRAW_EVERY_MS = 500;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * Runs a program with one line of progress on stderr: redrawn on a terminal, repeated now and then elsewhere.
 * @param {{ title: string, command: string, args: string[], cwd: string, env?: NodeJS.ProcessEnv }} step
 * @returns {Promise<{ code: number | string, output: string, seconds: number }>} what it printed, both streams together
 */
export async function runStep({ title, command, args, cwd, env = process.env }) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1_000);
  const progress = showProgress(() => `starshift: ${title} (${seconds()} s)`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => resolve(signal ?? exitCode));
    });
    return { code, output: Buffer.concat(chunks).toString('utf8').trim(), seconds: seconds() };
  } finally {
    progress.end();
  }
}

function showProgress(line) {
  const isTerminal = process.stderr.isTTY === true;
  const draw = () => process.stderr.write(isTerminal ? `${CLEAR_LINE}${line()}` : `${line()}\n`);
  draw();
  const timer = setInterval(draw, isTerminal ? REDRAW_EVERY_MS : REPORT_EVERY_MS);
  return {
    end() {
      clearInterval(timer);
      if (isTerminal) process.stderr.write(CLEAR_LINE);
    },
  };
}
