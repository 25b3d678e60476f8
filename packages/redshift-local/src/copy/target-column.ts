import type { ColumnCodec } from './column-codec/column-codec.js';

/** A column of the target table, as PostgreSQL's catalogue has it. */
export interface TargetColumn {
  readonly name: string;
  /** `pg_type.typname`, for example `varchar`. */
  readonly type: string;
  /** `atttypmod`; -1 without length. */
  readonly modifier: number;
  readonly notNull: boolean;
  readonly isIdentity: boolean;
}

/** A column that the COPY fills, with the codec of its type. */
export interface LoadColumn {
  readonly name: string;
  readonly notNull: boolean;
  readonly codec: ColumnCodec;
}
