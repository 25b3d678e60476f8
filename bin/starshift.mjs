#!/usr/bin/env node
// In a checkout, installs and builds what is missing or stale before the command runs; an image has neither to do.
import { existsSync } from 'node:fs';
import { prepare } from './prepare.mjs';

// The lock file pins an AWS SDK that takes Node 20; its reminder at every start says nothing new.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const isCheckout = existsSync(new URL('../src/', import.meta.url));
if (isCheckout) await prepare();
await import('../dist/cli.js');
