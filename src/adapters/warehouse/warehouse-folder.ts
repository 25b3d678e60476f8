import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkWarehouse } from './check-warehouse.js';
import { CheckedWarehouse } from './checked-warehouse.js';
import { InvalidWarehouseError } from './invalid-warehouse-error.js';
import { parseWarehouseFile } from './parse-warehouse-file.js';
import { type FolderContent, readFolder, WAREHOUSE_FILE } from './read-folder.js';
import type { Warehouse, WarehouseFolders } from './warehouse.js';

/** A name is one path segment, so that no input can read outside of the root. */
const WAREHOUSE_NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** The warehouses below `root`, each a folder with a warehouse.yaml. Nothing is read before the first call. */
export function openWarehouseFolders(root: string): WarehouseFolders {
  const parsed = new Map<string, Warehouse>();
  return {
    list: () => listWarehouses(root),
    async load(name) {
      const content = await readWarehouse(root, name);
      const known = parsed.get(name);
      if (known?.revision === content.revision) return known;
      const warehouse = parseWarehouse(name, content);
      parsed.set(name, warehouse);
      return warehouse;
    },
  };
}

/**
 * Validates the text of a warehouse folder.
 * @throws InvalidWarehouseError with every error at once
 */
export function parseWarehouse(name: string, content: FolderContent): Warehouse {
  const { file, problems, problemAt } = parseWarehouseFile(content.yaml);
  if (file === undefined) throw new InvalidWarehouseError(name, problems);
  const checked = checkWarehouse({ file, content, problemAt });
  if (checked.problems.length > 0) throw new InvalidWarehouseError(name, checked.problems);
  return new CheckedWarehouse({ name, revision: content.revision, file, sql: checked });
}

async function listWarehouses(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.map((entry) => entry.name).filter((name) => WAREHOUSE_NAME.test(name));
  const found = await Promise.all(names.map((name) => exists(join(root, name, WAREHOUSE_FILE))));
  return names.filter((_, index) => found[index]).sort();
}

async function readWarehouse(root: string, name: string): Promise<FolderContent> {
  try {
    if (WAREHOUSE_NAME.test(name) && (await exists(join(root, name, WAREHOUSE_FILE)))) {
      return await readFolder(join(root, name));
    }
  } catch (cause) {
    const message = `cannot be read: ${(cause as Error).message}`;
    throw new InvalidWarehouseError(name, [{ file: join(root, name), message }], cause);
  }
  const names = await listWarehouses(root);
  const message =
    names.length === 0
      ? `is not a warehouse, and ${root} holds none: a warehouse is a folder with a ${WAREHOUSE_FILE}`
      : `is not a warehouse of ${root}; there are ${names.join(', ')}`;
  throw new InvalidWarehouseError(name, [{ file: name, message }]);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
