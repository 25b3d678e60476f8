import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;
const LONGEST_MS = 60 * 60_000;

/** Runs `work` while no other process prepares the same checkout; waits for one that does. A dead holder's lock is taken over. */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'prepare.lock');
  const candidate = `${path}.${process.pid}`;
  writeFileSync(candidate, String(process.pid));
  try {
    await take(path, candidate);
  } finally {
    rmSync(candidate, { force: true });
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

async function take(path, candidate) {
  for (let told = false; ; ) {
    // link(2) fails when the name exists, and never shows a half-written file.
    if (linked(candidate, path)) return;
    const holder = readHolder(path);
    if (holder !== undefined && (!isAlive(holder) || isAbandoned(path))) {
      removeStale(path, holder);
      continue;
    }
    if (!told) process.stderr.write(`starshift: waiting for process ${holder}, which prepares this checkout\n`);
    told = true;
    await delay(POLL_MS);
  }
}

/** Moved away before it is judged again, so that two waiters clearing one dead lock never remove the winner's new one. */
function removeStale(path, dead) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) !== dead) linked(aside, path);
  rmSync(aside, { force: true });
}

function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** After a crash its pid may belong to somebody else by now; no preparation takes this long. */
function isAbandoned(path) {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return age > LONGEST_MS;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
