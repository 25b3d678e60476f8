import { copy } from './statements/copy.js';
import { alter, create, drop } from './statements/create.js';
import { analyze, truncate, vacuum } from './statements/maintenance.js';
import { merge } from './statements/merge.js';
import { cancel, select } from './statements/query.js';
import { notSupported, unknownCommand } from './statements/rejected-commands.js';
import { reset, set, show } from './statements/session-settings.js';
import type { StatementRule } from './statements/statement-rule.js';
import { rollback, transactionControl } from './statements/transaction.js';
import { deleteFrom, insert, update } from './statements/write.js';

/** The rule for each statement, by its first word; what is not here has its expressions rewritten and goes to PostgreSQL. */
export const STATEMENT_TABLE: ReadonlyMap<string, StatementRule> = new Map<string, StatementRule>([
  ['select', select],
  ['with', select],
  ['insert', insert],
  ['update', update],
  ['delete', deleteFrom],
  ['merge', merge],
  ['copy', copy],
  ['truncate', truncate],
  ['create', create],
  ['alter', alter],
  ['drop', drop],
  ['vacuum', vacuum],
  ['analyze', analyze],
  ['analyse', analyze],
  ['set', set],
  ['reset', reset],
  ['show', show],
  ['begin', transactionControl],
  ['start', transactionControl],
  ['commit', transactionControl],
  ['end', transactionControl],
  ['abort', transactionControl],
  ['rollback', rollback],
  ['cancel', cancel],
  ['savepoint', notSupported],
  ['release', notSupported],
  ['listen', notSupported],
  ['notify', notSupported],
  ['unlisten', notSupported],
  ['cluster', notSupported],
  ['reindex', notSupported],
  ['do', unknownCommand],
  ['import', unknownCommand],
  ['security', unknownCommand],
  ['refresh', unknownCommand],
]);
