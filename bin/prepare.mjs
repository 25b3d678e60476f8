#!/usr/bin/env node
// Makes a checkout ready to run with nothing but Node: dependencies, compiled sources, workflow bundle. Plain JavaScript without
// dependencies, because it runs before there are any. Everything it says goes to stderr.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIsFresh, runBuild } from './prepare/build.mjs';
import { checkNode } from './prepare/check-node.mjs';
import { install, installIsFresh } from './prepare/install.mjs';
import { PrepareError } from './prepare/prepare-error.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Installs dependencies when they are missing, stale or broken, and builds dist when sources changed. Safe beside another one:
 * the second waits and finds the work done. Ends the process with a message when something cannot be mended from here.
 * @param {{ build?: boolean }} options build: compile even when nothing changed
 */
export async function prepare({ build = false } = {}) {
  try {
    checkNode(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node);
    if (!build && isFresh()) return;
    const { withLock } = await import('./prepare/lock.mjs');
    await withLock(join(ROOT, '.starshift'), async () => {
      if (!installIsFresh(ROOT)) await install(ROOT);
      if (build || !buildIsFresh(ROOT)) await runBuild(ROOT, { force: build });
    });
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    process.stderr.write(`starshift: ${error.message}\n`);
    process.exit(1);
  }
}

function isFresh() {
  return existsSync(join(ROOT, 'node_modules')) && installIsFresh(ROOT) && buildIsFresh(ROOT);
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) await prepare({ build: process.argv.includes('--build') });
