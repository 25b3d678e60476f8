import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

/** Lints a tree that holds nothing but these files under the project's own biome.json; the names of the rules that reported. */
function lint(files: Readonly<Record<string, string>>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'starshift-lint-'));
  try {
    copyFileSync(join(ROOT, 'biome.json'), join(tree, 'biome.json'));
    for (const [path, code] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), code);
    }
    const { stdout, stderr } = spawnSync(process.execPath, [BIOME, 'lint', '--reporter=json', '.'], {
      cwd: tree,
      encoding: 'utf8',
    });
    assert.match(stdout, /"diagnostics"/, stderr);
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { diagnostics: { category: string }[] };
    return report.diagnostics.map(({ category }) => category);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const VIOLATIONS: readonly (readonly [path: string, module: string])[] = [
  ['src/domain/plan-order.ts', '../adapters/warehouse/load-warehouse-folder.js'],
  ['src/domain/plan-order.ts', 'node:fs'],
  ['src/workflows/load-warehouse.ts', '../adapters/s3/s3-source.js'],
  ['src/workflows/load-warehouse.ts', '../activities/create-activities.js'],
  ['src/workflows/load-warehouse.ts', '../config.js'],
  ['src/workflows/load-warehouse.ts', '@temporalio/activity'],
  ['src/activities/load-activities.ts', '../workflows/load-warehouse.js'],
  ['src/activities/load-activities.ts', '../config.js'],
  ['src/adapters/redshift/sql-client.ts', '../../activities/activities.js'],
  ['src/adapters/redshift/sql-client.ts', '../../workflows/load-warehouse.js'],
  ['src/adapters/redshift/sql-client.ts', '../../cli/run.js'],
  ['src/adapters/redshift/sql-client.ts', '@temporalio/activity'],
  ['src/adapters/temporal/temporal-runs.ts', '@temporalio/worker'],
  ['src/local-stack/start-local-stack.ts', 'redshift-local'],
  ['src/cli/demo.ts', '../../packages/redshift-local/src/start.js'],
  ['src/worker.ts', 'redshift-local/control'],
  ['src/cli/demo.ts', '../../faults/fault-bench.js'],
  ['faults/fault-bench.ts', '../packages/redshift-local/src/faults/fault-board.js'],
  ['packages/redshift-local/src/copy/execute-copy.ts', '../../../../src/domain/facts.js'],
];

const ALLOWED: readonly (readonly [path: string, code: string])[] = [
  ['src/domain/plan-order.ts', "import { TASK_QUEUE } from './names.js';\nconsole.info(TASK_QUEUE);\n"],
  ['src/workflows/load-warehouse.ts', "import { TASK_QUEUE } from '../domain/names.js';\nconsole.info(TASK_QUEUE);\n"],
  [
    'src/workflows/load-warehouse.ts',
    "import type { Activities } from '../activities/activities.js';\nexport type A = Activities;\n",
  ],
  ['src/activities/load-activities.ts', "import { runSql } from '../adapters/redshift/run-sql.js';\nrunSql();\n"],
  [
    'src/adapters/temporal/temporal-runs.ts',
    "import type { Client } from '@temporalio/client';\nexport type C = Client;\n",
  ],
  ['src/cli/plan.ts', "import { loadWarehouse } from '../adapters/warehouse/load.js';\nloadWarehouse();\n"],
];

describe('the import arrows', () => {
  for (const [path, module] of VIOLATIONS) {
    it(`reports ${module} imported in ${path}`, () => {
      const reported = lint({ [path]: `import { anything } from '${module}';\nanything();\n` });
      assert.deepEqual(reported, ['lint/style/noRestrictedImports']);
    });
  }

  for (const [path, code] of ALLOWED) {
    it(`allows in ${path}: ${code.split('\n')[0]}`, () => {
      assert.deepEqual(lint({ [path]: code }), []);
    });
  }

  it('reports a cycle', () => {
    const reported = lint({
      'src/domain/left.ts': "import { right } from './right.js';\nexport const left = () => right();\n",
      'src/domain/right.ts': "import { left } from './left.js';\nexport const right = () => left();\n",
    });
    assert.deepEqual(reported, ['lint/suspicious/noImportCycles', 'lint/suspicious/noImportCycles']);
  });
});

describe('process.env', () => {
  it('is reported outside src/config.ts', () => {
    assert.deepEqual(lint({ 'src/cli/run.ts': 'console.info(process.env.HOME);\n' }), ['lint/style/noProcessEnv']);
    assert.deepEqual(lint({ 'src/cli/run.ts': "import { env } from 'node:process';\nconsole.info(env);\n" }), [
      'lint/style/noRestrictedImports',
    ]);
  });

  it('is allowed in src/config.ts', () => {
    assert.deepEqual(lint({ 'src/config.ts': 'console.info(process.env.STARSHIFT_TASK_QUEUE);\n' }), []);
  });
});
