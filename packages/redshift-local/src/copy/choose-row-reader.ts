import type { CopyCommand } from './copy-command.js';
import { copyError, type StatementContext } from './copy-error.js';
import { DelimitedRowReader } from './delimited-row-reader.js';
import { autoPathTree, buildPathTree, type PathTree } from './json-path-tree.js';
import { parseJsonPaths } from './json-paths.js';
import { JsonRowReader } from './json-row-reader.js';
import type { RowReader } from './row-reader.js';
import type { S3Access } from './s3-access.js';
import type { LoadColumn } from './target-column.js';

/** What the choice of a reader depends on. */
export interface RowReaderRequest {
  readonly command: CopyCommand;
  readonly columns: readonly LoadColumn[];
  readonly access: S3Access;
  readonly statement: StatementContext;
}

/** The reader for the format of the data files. Reads the JSONPaths file, if there is one. */
export async function chooseRowReader(request: RowReaderRequest): Promise<RowReader> {
  const { command, columns } = request;
  const columnCount = columns.length;
  if (command.format.kind === 'json') {
    return new JsonRowReader({ tree: await pathTree(request), columnCount, headerLines: command.headerLines });
  }
  return new DelimitedRowReader({ command, format: command.format, columnCount });
}

async function pathTree({ command, columns, access, statement }: RowReaderRequest): Promise<PathTree> {
  const names = columns.map(({ name }) => name);
  if (command.format.kind !== 'json') return autoPathTree(names, false);
  const { mapping } = command.format;
  if (mapping.kind === 'auto') return autoPathTree(names, mapping.ignoreCase);
  const paths = parseJsonPaths({ location: mapping.file, text: await access.text(mapping.file), statement });
  if (paths === undefined) return autoPathTree(names, false);
  if (paths.length !== names.length) {
    const sizes = `JSONPath size: ${paths.length}, Number of columns in table or column list: ${names.length}`;
    throw copyError(statement, { message: `Number of jsonpaths and the number of columns should match. ${sizes}` });
  }
  return buildPathTree(paths);
}
