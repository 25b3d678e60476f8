import type pg from 'pg';
import { executeCopy } from '../copy/execute-copy.js';
import type { S3Settings } from '../copy/s3-settings.js';
import type { EndpointFaults } from '../faults/endpoint-faults.js';
import { RedshiftError } from '../redshift-error.js';
import { textOf } from '../sql/nodes.js';
import type {
  CopyPlan,
  DatabasePlan,
  ForwardPlan,
  OutsideBlockPlan,
  StatementPlan,
  TruncatePlan,
} from '../sql/plan.js';
import { quoteLiteral } from '../sql/string-literal.js';
import { infoNotice } from './error-fields.js';
import type { InternalSession } from './internal-session.js';
import type { SessionState } from './session-state.js';
import type { StatementLog } from './statement-log.js';
import { beginRecord } from './statement-run.js';

const ACTIVE_TRANSACTION = '25001';
const CANCELLED = '57014';

/** A statement that the face runs step by step itself. */
export type SpecialPlan = Exclude<StatementPlan, ForwardPlan>;

/** What the endpoint gives to statements it runs itself. */
export interface EndpointServices {
  readonly s3: S3Settings;
  readonly slices: number;
  readonly log: StatementLog;
  /** Set when faults may be injected. */
  readonly faults?: EndpointFaults;
  admin(database: string): Promise<pg.Pool>;
  /** Creates what a new database needs. */
  prepareDatabase(database: string): Promise<void>;
  /** Closes the endpoint's own connections to a database. */
  releaseDatabase(database: string): Promise<void>;
  write(line: string): void;
}

/** One such statement in one session. */
export interface SpecialContext {
  readonly session: InternalSession;
  readonly state: SessionState;
  readonly services: EndpointServices;
  /** The client's whole text, which the plan's tokens point into. */
  readonly text: string;
  readonly inBlock: boolean;
}

/** What the client is told when it succeeded. */
export interface SpecialOutcome {
  readonly tag: string;
  readonly notices: readonly Buffer[];
}

/** Runs the statement, in the client's transaction or in one of its own. Throws RedshiftError. */
export async function runSpecial(plan: SpecialPlan, context: SpecialContext): Promise<SpecialOutcome> {
  const { services } = context;
  const record = beginRecord({ state: context.state, log: services.log }, plan.text);
  context.session.renewSignal();
  try {
    const outcome = await dispatch(plan, context, record.queryId);
    services.log.end(record, 'success', 0);
    return outcome;
  } catch (error) {
    const failure = toFailure(error, context.session, record.queryId);
    services.log.end(record, failure.sqlState === CANCELLED ? 'canceled' : 'failed', 0, failure.message);
    throw failure;
  }
}

function dispatch(plan: SpecialPlan, context: SpecialContext, queryId: number): Promise<SpecialOutcome> {
  switch (plan.kind) {
    case 'copy':
      return runCopy(plan, context, queryId);
    case 'truncate':
      return runTruncate(plan, context);
    case 'outside-block':
      return runOutsideBlock(plan, context);
    case 'database':
      return plan.action === 'create' ? createDatabase(plan, context) : dropDatabase(plan, context);
  }
}

async function runCopy(plan: CopyPlan, context: SpecialContext, queryId: number): Promise<SpecialOutcome> {
  const { session, state, services } = context;
  const admin = await services.admin(state.database);
  const { faults } = services;
  const outcome = await inTransaction(context, async () => {
    await session.query(`select redshift_local.lock_for_write(${quoteLiteral(plan.target)})`);
    return await executeCopy({
      tokens: plan.source,
      sql: context.text,
      session,
      admin,
      s3: services.s3,
      slices: services.slices,
      queryId,
      log: (line) => services.write(line),
      ...(faults?.hasQuota === true && { checkDisk: () => faults.checkDisk(admin) }),
    });
  });
  state.lastCopyId = queryId;
  state.lastCopyCount = outcome.rowCount;
  return { tag: 'COPY', notices: outcome.notices.map(infoNotice) };
}

async function runTruncate(plan: TruncatePlan, { session, inBlock }: SpecialContext): Promise<SpecialOutcome> {
  await session.query(textOf(plan.nodes));
  if (inBlock) await session.query('commit');
  return { tag: 'TRUNCATE TABLE', notices: [] };
}

async function runOutsideBlock(plan: OutsideBlockPlan, context: SpecialContext): Promise<SpecialOutcome> {
  if (context.inBlock) {
    const message = `${plan.command} cannot run inside a transaction block`;
    throw new RedshiftError({ sqlState: ACTIVE_TRANSACTION, message });
  }
  await inTransaction(context, async () => {
    for (const step of plan.steps) await context.session.query(textOf(step));
  });
  return { tag: plan.tag, notices: [] };
}

async function createDatabase(plan: DatabasePlan, context: SpecialContext): Promise<SpecialOutcome> {
  await context.session.query(textOf(plan.nodes));
  await context.services.prepareDatabase(plan.database);
  return { tag: 'CREATE DATABASE', notices: [] };
}

async function dropDatabase(plan: DatabasePlan, context: SpecialContext): Promise<SpecialOutcome> {
  await context.services.releaseDatabase(plan.database);
  await context.session.query(textOf(plan.nodes));
  return { tag: 'DROP DATABASE', notices: [] };
}

async function inTransaction<Result>(
  { session, inBlock }: SpecialContext,
  run: () => Promise<Result>,
): Promise<Result> {
  if (inBlock) return await run();
  await session.query('begin');
  try {
    const result = await run();
    await session.query('commit');
    return result;
  } catch (error) {
    // The connection may be what failed; the first error is the one that explains it.
    await session.query('rollback').catch(() => undefined);
    throw error;
  }
}

function toFailure(error: unknown, session: InternalSession, queryId: number): RedshiftError {
  if (session.signal.aborted) {
    return new RedshiftError({
      sqlState: CANCELLED,
      message: `Query (${queryId}) cancelled on user's request`,
      cause: error,
    });
  }
  if (error instanceof RedshiftError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RedshiftError({ sqlState: 'XX000', message: `redshift-local failed: ${message}`, cause: error });
}
