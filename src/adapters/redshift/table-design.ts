/** Distribution and sort attributes of a table, in the terms of SVV_TABLE_INFO. */
export interface TableDesign {
  readonly diststyle: 'auto' | 'even' | 'all' | 'key';
  readonly distkey?: string | undefined;
  /** First column of a compound sort key, or `interleaved`; absent without a sort key. */
  readonly sortkey?: string | undefined;
  readonly sortkeyColumns: number;
}

/** What SVV_TABLE_INFO says about a table. */
export interface TableInfo {
  /** EVEN, KEY(column), ALL, AUTO(ALL), AUTO(EVEN), AUTO(KEY(column)). */
  readonly diststyle: string;
  /** First sort column, INTERLEAVED, AUTO(SORTKEY...) or nothing. */
  readonly sortkey1: string;
  readonly sortkeyNum: number;
}

const ATTRIBUTES =
  /\bdiststyle (auto|even|all|key)(?: distkey ?\((\w+)\))?(?: (compound|interleaved) sortkey ?\(([^)]*)\))?\s*;?\s*$/i;

/** The design that a CREATE TABLE of a warehouse folder ends with; undefined when it says nothing about it. */
export function designOf(createStatement: string): TableDesign | undefined {
  const found = ATTRIBUTES.exec(createStatement);
  if (found === null) return undefined;
  const [, diststyle = 'auto', distkey, kind, columns] = found;
  const names = columns?.split(',').map((name) => name.trim().toLowerCase()) ?? [];
  return {
    diststyle: diststyle.toLowerCase() as TableDesign['diststyle'],
    distkey: distkey?.toLowerCase(),
    sortkey: kind?.toLowerCase() === 'interleaved' ? 'interleaved' : names[0],
    sortkeyColumns: names.length,
  };
}

/**
 * True when the existing table was built as the design says. AUTO takes what Redshift has made of it meanwhile
 * (DG "SVV_TABLE_INFO", columns diststyle, sortkey1, sortkey_num).
 */
export function fitsDesign(info: TableInfo, design: TableDesign): boolean {
  return fitsDistribution(info.diststyle.toLowerCase().trim(), design) && fitsSortKey(info, design);
}

/** `KEY(song_id), sort key start_time` as it stands, for messages. */
export function describeTableInfo({ diststyle, sortkey1 }: TableInfo): string {
  const sortkey = sortkey1.trim();
  return `DISTSTYLE ${diststyle.trim()}${sortkey === '' ? ', no sort key' : `, sort key ${sortkey}`}`;
}

function fitsDistribution(diststyle: string, design: TableDesign): boolean {
  switch (design.diststyle) {
    case 'auto':
      return diststyle.startsWith('auto');
    case 'key':
      return diststyle === `key(${design.distkey})`;
    default:
      return diststyle === design.diststyle;
  }
}

function fitsSortKey({ sortkey1, sortkeyNum }: TableInfo, design: TableDesign): boolean {
  const first = sortkey1.toLowerCase().trim();
  if (design.sortkey === undefined) return first === '' || first.startsWith('auto');
  return first === design.sortkey && sortkeyNum === design.sortkeyColumns;
}
