import { columnType, readDataType } from '../expression/data-types.js';
import { compose, flatten, type Node, nextIndex, startOf, wordAt } from '../nodes.js';
import { syntaxErrorAt } from '../rejection.js';
import type { RewriteContext } from '../rewrite-context.js';
import { quoteLiteral } from '../string-literal.js';
import { rewriteColumn } from './column-definition.js';
import { type QualifiedName, readQualifiedName } from './qualified-name.js';
import { doBlock, forward, lockForWrite, type StatementDraft, type StatementRule } from './statement-rule.js';
import { checkDistribution, readTableAttributes } from './table-attributes.js';
import { emptyDesign, type TableDesign } from './table-design.js';
import { readTableKey } from './table-elements.js';

const TAG = 'ALTER TABLE';

/** ALTER TABLE: columns and names go to PostgreSQL, keys and design to the catalogue, APPEND moves the rows. */
export const alterTable: StatementRule = (nodes, context) => {
  const name = readQualifiedName(nodes, nextIndex(nodes, nextIndex(nodes, 1) + 1), context);
  const action = nextIndex(nodes, name.end);
  const next = nextIndex(nodes, action + 1);
  switch (wordAt(nodes, action)) {
    case 'add':
      return addToTable(nodes, name, next, context);
    case 'alter':
      return alterInTable(nodes, name, next, context);
    case 'append':
      return append(nodes, name, context);
    case 'drop':
      if (wordAt(nodes, next) === 'constraint') return catalogueOnly(nodes, name, emptyDesign());
      return forward(context.rewrite(nodes));
    default:
      return forward(context.rewrite(nodes));
  }
};

function addToTable(nodes: readonly Node[], name: QualifiedName, at: number, context: RewriteContext): StatementDraft {
  const constraintAt = wordAt(nodes, at) === 'constraint' ? nextIndex(nodes, nextIndex(nodes, at + 1) + 1) : at;
  const key = readTableKey(nodes, constraintAt);
  if (key !== undefined) return catalogueOnly(nodes, name, { ...emptyDesign(), keys: [key] });
  const columnAt = wordAt(nodes, at) === 'column' ? nextIndex(nodes, at + 1) : at;
  const design = emptyDesign();
  const column = rewriteColumn(nodes.slice(columnAt), name.parts.at(-1) ?? '', design, context);
  const start = startOf(nodes[0]);
  const statement = compose(start, 'alter table ', name.nodes, ' add column ', column);
  return forward(statement, { after: [amendTable(name, design)] });
}

function alterInTable(
  nodes: readonly Node[],
  name: QualifiedName,
  at: number,
  context: RewriteContext,
): StatementDraft {
  if (wordAt(nodes, at) === 'column') return alterColumn(nodes, name, nextIndex(nodes, at + 1), context);
  const design = emptyDesign();
  const end = readTableAttributes(nodes, at, design);
  if (end < nodes.length || end === at) throw syntaxErrorAt(nodes[end]);
  checkDistribution(nodes[at], design);
  return catalogueOnly(nodes, name, design);
}

function alterColumn(nodes: readonly Node[], name: QualifiedName, at: number, context: RewriteContext): StatementDraft {
  const column = readQualifiedName(nodes, at, context);
  const action = nextIndex(nodes, column.end);
  const next = nextIndex(nodes, action + 1);
  if (wordAt(nodes, action) === 'encode') {
    const design = emptyDesign();
    design.encode[column.parts[0] ?? ''] = wordAt(nodes, next) ?? '';
    return catalogueOnly(nodes, name, design);
  }
  const type = wordAt(nodes, action) === 'type' ? readDataType(nodes, next) : undefined;
  if (type === undefined) throw syntaxErrorAt(nodes[action]);
  const start = startOf(nodes[0]);
  const head = compose(start, 'alter table ', name.nodes, ' alter column ', column.nodes, ' type ');
  const statement = compose(start, head, columnType(nodes, next, type));
  return forward(statement, { after: [amendTable(name, emptyDesign())] });
}

/** Moves all rows; Redshift refuses it inside a transaction block, since it cannot be undone. */
function append(nodes: readonly Node[], target: QualifiedName, context: RewriteContext): StatementDraft {
  const from = nextIndex(nodes, nextIndex(nodes, target.end) + 1);
  if (wordAt(nodes, from) !== 'from') throw syntaxErrorAt(nodes[from]);
  const source = readQualifiedName(nodes, from + 1, context);
  const options = flatten(nodes.slice(source.end));
  const mode = options.some((token) => token.value === 'fillsource' || token.value === 'fills')
    ? 'fillsource'
    : options.some((token) => token.value === 'ignoreextra')
      ? 'ignoreextra'
      : 'exact';
  const move = `redshift_local.append_table(${quoteLiteral(target.text)}, ${quoteLiteral(source.text)}, '${mode}')`;
  const steps = [lockForWrite(target.text), lockForWrite(source.text), compose(startOf(nodes[0]), `select ${move}`)];
  return { kind: 'outside-block', command: 'ALTER TABLE APPEND', steps, tag: 'ALTER TABLE APPEND' };
}

function amendTable(name: QualifiedName, design: TableDesign): Node[] {
  const json = quoteLiteral(JSON.stringify(design));
  return compose(-1, `select redshift_local.amend_table(${quoteLiteral(name.text)}, ${json})`);
}

function catalogueOnly(nodes: readonly Node[], name: QualifiedName, design: TableDesign): StatementDraft {
  const json = quoteLiteral(JSON.stringify(design));
  const body = `perform redshift_local.amend_table(${quoteLiteral(name.text)}, ${json})`;
  return forward(doBlock(body, startOf(nodes[0])), { tag: TAG });
}
