import { AWS_FAILURES, type AwsFailureRule, UNKNOWN_AWS_FAILURE } from '../../src/adapters/aws/aws-failure-rules.js';
import type { FailureRule } from '../../src/adapters/failure-rule.js';
import type { SqlFailureRule } from '../../src/adapters/redshift/sql-failures/sql-failure-rule.js';
import { SQL_FAILURES } from '../../src/adapters/redshift/sql-failures/sqlstate.js';
import { UNKNOWN_SQL_FAILURE } from '../../src/adapters/redshift/sql-failures/statement-failures.js';
import { S3_FAILURES, type S3FailureRule } from '../../src/adapters/s3/s3-failure.js';
import { FAILURES, type FailureKind, type FailurePolicy, POLICIES, type PolicyName } from '../../src/domain/failure.js';

/** docs/errors.md, made from the rules that the product sorts errors by. */
export function errorDocument(): string {
  return `${[
    INTRODUCTION,
    '## What Starshift does',
    table(['Policy', 'What happens', 'Attempts'], Object.keys(POLICIES).map(policyRow as (name: string) => string[])),
    AFTER_POLICIES,
    '## The warehouse and the way to it',
    'What the server, the connection to it or a COPY said. The first line that matches counts.',
    ruleTable([...SQL_FAILURES, UNKNOWN_SQL_FAILURE].map((rule) => [rule, seenInSql(rule)])),
    '## Files in S3',
    "The worker's own requests to S3: listings, manifests, JSONPaths files. What is not here stands under AWS.",
    ruleTable(S3_FAILURES.map((rule) => [rule, seenInS3(rule)])),
    '## AWS',
    'Names as the services give them, with or without `Exception` or `Fault` at the end.',
    ruleTable([...AWS_FAILURES, UNKNOWN_AWS_FAILURE].map((rule) => [rule, seenInAws(rule)])),
    '## What Starshift itself finds',
    table(['What you see', 'Failure type', 'What Starshift does', 'What you do'], findings()),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Errors

Which errors are tried again, which ones park the step, and what to do about each. This page is made from the rules themselves; after a change to them run
\`node --import tsx test/docs/write-errors.ts\`.

The type of a failure stands in the Web UI, in \`starshift status\` and in the query \`progress\`; so does its text, which says what failed, on which resource, and what to do next.`;

const AFTER_POLICIES = `What to do about a step that is parked ends with a retry of it; one of a run that has ended, with the reset that the run prints or with a new run.

Attempts are those of one activity, counted from 1, whatever ended them. A worker that dies, or stops sending heartbeats for 15 seconds, costs one. When they are used up the step parks and waits for
\`retryStep\`, \`skipStep\` or \`abort\` ([Failed loads](failed-loads.md)); with \`onFailure: "fail"\` the run ends. The steps that a run begins with (claims, tables) have 10 attempts at most, some four minutes: a wrong address shows while
somebody still looks.

Every attempt first ends what a dead one has left on the server and then asks the ledger whether the work is done already: see [ADR 0011](adr/0011-a-retry-ends-what-the-dead-attempt-left.md).`;

/** How each policy is told; `short` in the tables of rules. */
const TOLD: Readonly<Record<PolicyName, { readonly short: string; readonly long: string }>> = {
  retry: {
    short: 'tries again',
    long: 'Tried again after the delay of its class of work: from one second on, doubling or trebling, up to two minutes.',
  },
  backOff: {
    short: 'backs off',
    long: 'Tried again after a random delay that doubles, up to a minute, so that those who met do not meet again.',
  },
  wait: {
    short: 'waits for it',
    long: 'Tried again with a delay that doubles up to a minute, for 20 minutes: a cluster that resumes or restarts parks nothing.',
  },
  refresh: { short: 'tries a few times', long: 'Tried again after some seconds: what can be renewed is by then.' },
  park: { short: 'parks the step', long: 'It would fail the same way until a person changes something.' },
  lockout: {
    short: 'parks the step, logs in no more',
    long: 'Not tried again, and no other step of the run logs in before a person has answered: repeated failures lock the user out.',
  },
  end: { short: 'ends the run', long: 'The run ends, or the answer is refused.' },
};

/** A failure that Starshift finds by itself. */
interface Finding {
  readonly seen: string;
  readonly todo: string;
  /** Where the policy's own words would say too much. */
  readonly does?: string;
}

/** What the failures are about that no rule leads to. */
const FOUND: Readonly<Partial<Record<FailureKind, Finding>>> = {
  invalidInput: {
    seen: 'The input, or a table in another design than it names',
    todo: 'Correct what each line names.',
  },
  invalidWarehouse: {
    seen: 'warehouse.yaml or a file it names',
    todo: 'Correct the files; `starshift plan` checks them.',
  },
  copyRejectedRows: {
    seen: 'COPY rejected more rows than `maxErrors`: file, line, column, value, reason',
    todo: 'Mend the file, or retry the step with `maxErrors` or without that file.',
  },
  stagingReplaced: {
    seen: 'Another load replaced the rows that this run had staged',
    todo: 'Abort this run and load again.',
  },
  fileChanged: {
    seen: 'A file that was loaded has changed since, and the input says `onChanged: "fail"`',
    todo: 'Retry the step with `reload` for these files, or with `exclude`, or put the old ones back.',
  },
  notListed: {
    seen: 'A file that `exclude` or `reload` names is not in the source',
    todo: 'Retry the step with the right name, or without: the wrong list is forgotten. What had failed before it still stands, and the message says it.',
  },
  listingOutdated: {
    seen: 'Files changed while they were loaded, or another run rebuilt the table since they were listed; three times in a row',
    todo: 'Wait until the writer is done, then retry the step.',
    does: 'lists and loads again, twice; then parks the step',
  },
  ledgerMismatch: {
    seen: 'A table does not hold what the ledger says',
    todo: 'Find who wrote into the table; a full load makes both agree again.',
  },
  duplicateKeys: {
    seen: 'A load statement gives several rows for one key, in an incremental load; in a full one a check has to find it',
    todo: 'Correct the statement, or the key in warehouse.yaml.',
  },
  warehouseBusy: {
    seen: 'Another run works on the same tables, and the input says `whenBusy: "fail"`',
    todo: 'Wait for the run that is named, or start with `whenBusy: "wait"`.',
  },
  foreignClaim: {
    seen: 'The tables are claimed by a run of a Temporal namespace that cannot be asked',
    todo: 'Make sure that the run is over, then run the SQL that the message gives.',
  },
  claimLost: {
    seen: 'A step wakes, or is tried again, when another run has the tables that its own had claimed',
    todo: 'Nothing where the run is over. Else retry the step: the run claims the tables anew, and waits for the other one.',
  },
  abandonedSession: {
    seen: 'A session of an earlier attempt that was terminated and is still there',
    todo: 'If it stays, run the `pg_terminate_backend` of the message as a superuser.',
  },
  foreignResource: {
    seen: "An AWS resource of that name does not carry this project's tag",
    todo: 'Choose another identifier, or delete the resource.',
  },
  checkFailed: {
    seen: 'A check of severity error found rows',
    todo: 'Mend the data and retry the step, or skip it to accept them.',
  },
  invalidDecision: {
    seen: 'An answer that fits no parked step',
    todo: 'Answer again; the run waits on.',
    does: 'refuses the answer',
  },
  aborted: { seen: 'Somebody answered with `abort`', todo: 'Start again when the cause is mended.' },
  decisionExpired: { seen: 'Nobody answered within `decisionTimeout`', todo: 'Mend the cause and start again.' },
  stepFailed: { seen: 'A step failed, and the input says `onFailure: "fail"`', todo: 'See the error of the step.' },
  notificationInterrupted: { seen: 'A notification could not be sent now', todo: 'Nothing; the run does not mind.' },
  notificationRefused: {
    seen: 'A notification was refused',
    todo: "Correct the worker's setting.",
    does: 'gives it up; the run goes on',
  },
  internal: { seen: "A fault in Starshift's own workflow code", todo: "Report it with the run's history." },
};

function policyRow(name: PolicyName): string[] {
  const { attempts }: FailurePolicy = POLICIES[name];
  return [TOLD[name].short, TOLD[name].long, attempts === undefined ? '1' : String(attempts)];
}

function findings(): string[][] {
  const byRule = new Set([...SQL_FAILURES, ...S3_FAILURES, ...AWS_FAILURES].map(({ kind }) => kind));
  return (Object.keys(FAILURES) as FailureKind[])
    .filter((kind) => !byRule.has(kind) || FOUND[kind] !== undefined)
    .map((kind) => {
      const found = FOUND[kind];
      if (found === undefined) throw new Error(`docs/errors.md says nothing of the failure "${kind}"`);
      const [type, policy] = typeAndPolicy(kind);
      return [found.seen, type, found.does ?? policy, found.todo];
    });
}

function ruleTable(rules: readonly (readonly [FailureRule, string])[]): string {
  const rows = rules.map(([{ kind, example, advice }, seen]) => {
    const shown = advice.replaceAll('{bucket}', '<bucket>').replace('{where}', '').replace('{region}', '...');
    return [`${seen}${seen === '' ? '' : '<br>'}"${example}"`, ...typeAndPolicy(kind), shown];
  });
  return table(['What you see', 'Failure type', 'What Starshift does', 'What you do'], rows);
}

function typeAndPolicy(kind: FailureKind): [string, string] {
  const { type, policy } = FAILURES[kind];
  const { attempts }: FailurePolicy = POLICIES[policy];
  return [`\`${type}\``, attempts === undefined ? TOLD[policy].short : `${TOLD[policy].short}, ${attempts} attempts`];
}

function seenInSql({ codes = [], text }: SqlFailureRule): string {
  const shown = codes.map((code) =>
    /^[0-9A-Z]{2}$/.test(code) ? `\`${code}...\`` : `\`${code.replace('*', '...')}\``,
  );
  const isOnlyInText = text !== undefined && codes.join() === 'XX000';
  return isOnlyInText ? '' : shown.join(', ');
}

function seenInS3({ names }: S3FailureRule): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function seenInAws({ names = [], codes = [], status }: AwsFailureRule): string {
  const statuses = status === undefined ? [] : [status === 503 ? 'HTTP 503' : `HTTP ${status} and above`];
  return [...[...names, ...codes].map((name) => `\`${name}\``), ...statuses].join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
