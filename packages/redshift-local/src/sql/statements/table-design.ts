import { compose, type Node } from '../nodes.js';
import { quoteLiteral } from '../string-literal.js';

/** A declared key: informational in Redshift. */
export interface DeclaredKey {
  readonly type: 'primary' | 'unique' | 'foreign';
  readonly columns: readonly string[];
  /** Text of the referenced table and columns of a foreign key. */
  readonly references?: string;
}

/** What a table declares beyond what PostgreSQL stores: read by svv_table_info, pg_table_def and COPY. */
export interface TableDesign {
  diststyle?: 'auto' | 'even' | 'all' | 'key';
  distkey?: string;
  sortstyle?: 'auto' | 'none' | 'compound' | 'interleaved';
  sortkey: string[];
  /** Column -> encoding. */
  encode: Record<string, string>;
  keys: DeclaredKey[];
  backup: boolean;
  /** The IDENTITY column; PostgreSQL stores it, Redshift allows one. */
  identity?: string;
  /** A table whose design is taken over (`LIKE`). */
  like?: string;
}

export function emptyDesign(): TableDesign {
  return { sortkey: [], encode: {}, keys: [], backup: true };
}

/** Stores the design of a table that the same transaction has just created. */
export function declareTable(table: string, design: TableDesign): Node[] {
  const json = quoteLiteral(JSON.stringify(design));
  return compose(-1, `select redshift_local.declare_table(${quoteLiteral(table)}, ${json})`);
}
