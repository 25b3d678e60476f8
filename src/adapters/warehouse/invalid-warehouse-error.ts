import { FAILURES, type FailureKind } from '../../domain/failure.js';

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

/** Everything that is wrong with a warehouse folder, or with the name of one, at once. Never worth a retry. */
export class InvalidWarehouseError extends Error {
  override readonly name = 'InvalidWarehouseError';
  readonly kind: FailureKind = 'invalidWarehouse';
  readonly code = FAILURES.invalidWarehouse.type;

  constructor(
    /** Name of the warehouse. */
    readonly resource: string,
    readonly problems: readonly WarehouseProblem[],
  ) {
    super(
      `Warehouse ${resource} has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}:\n${problems
        .map((problem) => `  ${describeProblem(problem)}`)
        .join('\n')}`,
    );
  }
}

/** `warehouse.yaml:12 load.users.needs: ...`. */
export function describeProblem({ file, line, path, message }: WarehouseProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return path === undefined || path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}
