import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../src/config.js';
import { errorDocument } from './error-table.js';

const path = join(PROJECT_ROOT, 'docs', 'errors.md');
await writeFile(path, errorDocument());
process.stdout.write(`Wrote ${path}\n`);
