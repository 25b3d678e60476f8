import { compose, type Group, groupAt, type Node, nextIndex, significant, wordAt } from '../nodes.js';
import type { Replacement } from '../rewrite-context.js';

/** Bytes of VARCHAR without a length (and of TEXT, which is the same type), and of VARCHAR(MAX). */
export const DEFAULT_VARCHAR_BYTES = 256;
export const MAX_VARCHAR_BYTES = 65_535;
const DEFAULT_DECIMAL = '(18, 0)';

/** A data type read from a statement. */
export interface DataType {
  /** Canonical name in lower case, without length: `varchar`, `numeric`, `timestamp with time zone`. */
  readonly name: string;
  readonly modifier: Group | undefined;
  /** `[]` follows. */
  readonly isArray: boolean;
  /** Index of the node after the type. */
  readonly end: number;
}

const TWO_WORDS: Readonly<Record<string, readonly string[]>> = {
  character: ['varying'],
  char: ['varying'],
  national: ['character', 'char'],
  double: ['precision'],
  binary: ['varying'],
};

const SYNONYMS: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'char varying': 'varchar',
  'national character': 'char',
  'national char': 'char',
  nvarchar: 'varchar',
  nchar: 'char',
  character: 'char',
  decimal: 'numeric',
  dec: 'numeric',
  varbyte: 'bytea',
  varbinary: 'bytea',
  'binary varying': 'bytea',
  super: 'jsonb',
};

/** Reads the type that starts at `at`; undefined when no word stands there. */
export function readDataType(level: readonly Node[], at: number): DataType | undefined {
  const first = level[at];
  if (first === undefined || first.kind === 'group' || (first.kind !== 'word' && first.kind !== 'quoted'))
    return undefined;
  let name = first.value;
  let end = at + 1;
  const second = wordAt(level, nextIndex(level, end));
  if (second !== undefined && TWO_WORDS[name]?.includes(second)) {
    name = `${name} ${second}`;
    end = nextIndex(level, end) + 1;
  }
  const modifier = groupAt(level, nextIndex(level, end));
  if (modifier !== undefined) end = nextIndex(level, end) + 1;
  const bracket = level[nextIndex(level, end)];
  const isArray = bracket?.kind === 'operator' && bracket.text === '[';
  return { name, modifier, isArray, end };
}

/** The type as PostgreSQL takes it in a cast: synonyms, VARCHAR(MAX), DECIMAL without precision; undefined: as it stands. */
export function castType(level: readonly Node[], at: number): Replacement | undefined {
  const type = readDataType(level, at);
  const start = level[at];
  if (type === undefined || type.isArray || start === undefined || start.kind !== 'word') return undefined;
  const name = SYNONYMS[type.name] ?? type.name;
  if (name === 'numeric' && type.modifier === undefined) {
    return { nodes: compose(start.start, `numeric${DEFAULT_DECIMAL}`), end: type.end };
  }
  if (name === 'varchar' && isMax(type.modifier)) {
    return { nodes: compose(start.start, `varchar(${MAX_VARCHAR_BYTES})`), end: type.end };
  }
  if (name === type.name) return undefined;
  return { nodes: compose(start.start, name, type.modifier === undefined ? '' : [type.modifier]), end: type.end };
}

/** The type as PostgreSQL takes it for a column, with the lengths that Redshift supplies. */
export function columnType(level: readonly Node[], at: number, type: DataType): Node[] {
  const start = level[at];
  const position = start === undefined || start.kind === 'group' ? -1 : start.start;
  const name = type.name === 'text' ? 'varchar' : (SYNONYMS[type.name] ?? type.name);
  if (name === 'varchar') return compose(position, 'varchar', varcharLength(type));
  if (name === 'bpchar')
    return compose(position, 'char', type.modifier === undefined ? `(${DEFAULT_VARCHAR_BYTES})` : [type.modifier]);
  const replaced = castType(level, at);
  return replaced === undefined ? level.slice(at, type.end) : [...replaced.nodes];
}

function varcharLength(type: DataType): string | Node[] {
  if (type.name === 'text' || type.modifier === undefined) return `(${DEFAULT_VARCHAR_BYTES})`;
  return isMax(type.modifier) ? `(${MAX_VARCHAR_BYTES})` : [type.modifier];
}

function isMax(modifier: Group | undefined): boolean {
  const [only] = significant(modifier?.children ?? []);
  return only?.kind === 'word' && only.value === 'max';
}
