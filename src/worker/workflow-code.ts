import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

/** `dist/` of a build; `src/` when the sources themselves run. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** The sandboxed code: workflows import the domain and nothing else of ours. */
const BUNDLED_FOLDERS = ['workflows', 'domain'];

/**
 * The prebundled workflows, with which a worker starts in half a second, if the build made them of the code that is there now;
 * else the modules themselves, which the worker then bundles in one or two seconds.
 */
export function findWorkflowCode(root: string = ROOT): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(root, 'workflow-bundle.js');
  if (existsSync(codePath) && isNewest(root, codePath)) return { workflowBundle: { codePath } };
  const compiled = join(root, 'workflows/index.js');
  return { workflowsPath: existsSync(compiled) ? compiled : join(root, 'workflows/index.ts') };
}

/** The build bundles last, so a module newer than the bundle is not in it. */
function isNewest(root: string, codePath: string): boolean {
  const bundledAt = statSync(codePath).mtimeMs;
  return BUNDLED_FOLDERS.every((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
      .every((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs <= bundledAt),
  );
}
