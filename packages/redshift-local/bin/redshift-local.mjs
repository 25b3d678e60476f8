#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The lock file pins an AWS SDK that takes Node 20; its reminder at every start says nothing new.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const program = new URL('../dist/cli.js', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write(
    `redshift-local: ${fileURLToPath(program)} is missing: this is a checkout that has not been compiled. Run "npm run build" in its root.\n`,
  );
  process.exitCode = 2;
}
