// Bundles the compiled workflows for the worker's sandbox: a worker that finds the bundle starts in half a second.
import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const workflows = fileURLToPath(new URL('../dist/workflows/index.js', import.meta.url));
const target = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));

const { code } = await bundleWorkflowCode({ workflowsPath: workflows, logger: new DefaultLogger('WARN') });
await writeFile(`${target}.next`, code);
await rename(`${target}.next`, target);
