#!/usr/bin/env node
// In a checkout, installs and builds what is missing or stale before the command runs; an image has neither to do.
import { existsSync } from 'node:fs';
import { prepare } from './prepare.mjs';

const isCheckout = existsSync(new URL('../src/', import.meta.url));
if (isCheckout) await prepare();
await import('../dist/cli.js');
