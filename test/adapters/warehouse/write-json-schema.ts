import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { warehouseJsonSchema } from '../../../src/adapters/warehouse/warehouse-file.js';
import { PROJECT_ROOT } from '../../../src/config.js';

const path = join(PROJECT_ROOT, 'sql', 'warehouse.schema.json');
await writeFile(path, `${JSON.stringify(warehouseJsonSchema(), null, 2)}\n`);
process.stdout.write(`Wrote ${path}\n`);
