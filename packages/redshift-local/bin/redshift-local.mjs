#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/cli.js', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write(
    `redshift-local: ${fileURLToPath(program)} is missing: this is a checkout that has not been compiled. Run "npm run build" in its root.\n`,
  );
  process.exitCode = 2;
}
