import { compose, groupAt, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { readQualifiedName } from './qualified-name.js';
import { forward, type StatementDraft, type StatementRule } from './statement-rule.js';
import { checkDistribution, definitionError, readTableAttributes } from './table-attributes.js';
import { declareTable, emptyDesign, type TableDesign } from './table-design.js';
import { rewriteTableElements } from './table-elements.js';

interface TableHead {
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  /** Index of the name. */
  readonly nameAt: number;
}

/** CREATE TABLE and CREATE TABLE AS, with distribution, sorting and encoding put aside for the catalogue. */
export const createTable: StatementRule = (nodes, context) => {
  const head = readHead(nodes);
  const name = readQualifiedName(nodes, head.nameAt, context);
  const table = name.parts[name.parts.length - 1] ?? '';
  const design = emptyDesign();
  const groupIndex = nextIndex(nodes, name.end);
  const group = groupAt(nodes, groupIndex);
  const attributesAt = group === undefined ? name.end : groupIndex + 1;
  const end = readTableAttributes(nodes, attributesAt, design);
  const temporary = head.temporary || table.startsWith('#') ? 'temporary ' : '';
  const exists = head.ifNotExists ? 'if not exists ' : '';
  const start = compose(startOf(nodes[0]), `create ${temporary}table ${exists}`, name.nodes);
  if (wordAt(nodes, end) === 'as') {
    checkDistribution(nodes[groupIndex], design);
    const columns = group === undefined ? [] : [' ', [group]];
    return created(
      compose(startOf(nodes[end]), start, ...columns, ' as ', query(nodes, end + 1, context)),
      name.text,
      design,
    );
  }
  if (end < nodes.length) throw syntaxErrorAt(nodes[end]);
  if (group === undefined) throw syntaxErrorAt(nodes[groupIndex]);
  const sortColumns = design.sortkey.length;
  const isSorted = design.sortstyle !== undefined;
  const elements = rewriteTableElements(group, table, design, context);
  if (isSorted && design.sortkey.length > sortColumns)
    throw definitionError(group, 'multiple sort keys are not allowed');
  checkDistribution(group, design);
  return created(compose(startOf(group), start, ' ', elements), name.text, design);
};

function created(nodes: readonly Node[], table: string, design: TableDesign): StatementDraft {
  return forward(nodes, { after: [declareTable(table, design)] });
}

function query(nodes: readonly Node[], from: number, context: RewriteContext): Node[] {
  return context.rewrite(nodes.slice(nextIndex(nodes, from)));
}

/** The index of the table's name in `CREATE [LOCAL] [TEMP] TABLE [IF NOT EXISTS] name`. */
function readHead(nodes: readonly Node[]): TableHead {
  let at = nextIndex(nodes, 1);
  let temporary = false;
  while (wordAt(nodes, at) !== 'table') {
    temporary ||= wordAt(nodes, at)?.startsWith('temp') === true;
    at = nextIndex(nodes, at + 1);
  }
  at = nextIndex(nodes, at + 1);
  if (wordAt(nodes, at) !== 'if') return { temporary, ifNotExists: false, nameAt: at };
  const not = nextIndex(nodes, at + 1);
  const exists = nextIndex(nodes, not + 1);
  if (wordAt(nodes, not) !== 'not' || wordAt(nodes, exists) !== 'exists') throw syntaxErrorAt(nodes[not]);
  return { temporary, ifNotExists: true, nameAt: nextIndex(nodes, exists + 1) };
}
