import { TerminalError } from '../errors.js';

/** One thing that is wrong in a warehouse folder. */
export interface WarehouseProblem {
  /** Relative to the warehouse folder, for example `load/users.sql`. */
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  /** Place inside warehouse.yaml, for example `designs.even.tables.songs.distkey`. */
  readonly path?: string;
  readonly message: string;
}

/** Everything that is wrong with a warehouse folder, or with the name of one, at once. */
export class InvalidWarehouseError extends TerminalError {
  constructor(
    /** Name of the warehouse. */
    warehouse: string,
    readonly problems: readonly WarehouseProblem[],
    cause?: unknown,
  ) {
    const count = problems.length === 1 ? 'an error' : `${problems.length} errors`;
    const lines = problems.map((problem) => `  ${describeProblem(problem)}`);
    super({
      kind: 'invalidWarehouse',
      resource: warehouse,
      message: `Warehouse ${warehouse} has ${count}:\n${lines.join('\n')}`,
      cause,
    });
  }
}

/** `warehouse.yaml:12 load.users.needs: ...`. */
export function describeProblem({ file, line, path, message }: WarehouseProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return path === undefined || path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}
