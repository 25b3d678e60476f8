import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { abortCommand } from './cli/abort.js';
import { CliError, EXIT } from './cli/cli-error.js';
import { endWithReader } from './cli/closed-pipe.js';
import { demoCommand } from './cli/demo.js';
import { describeFailure, isTemporalFailure, isUnreachable } from './cli/describe-failure.js';
import { doctorCommand } from './cli/doctor.js';
import { dsnCommand } from './cli/dsn.js';
import { generateCommand } from './cli/generate.js';
import { historyCommand } from './cli/history.js';
import { localCommand } from './cli/local.js';
import { planCommand } from './cli/plan.js';
import { quarantineCommand } from './cli/quarantine.js';
import { retryCommand } from './cli/retry.js';
import { runCommand } from './cli/run.js';
import { skipCommand } from './cli/skip.js';
import { statusCommand } from './cli/status.js';
import { workerCommand } from './cli/worker.js';
import { ConfigError, PROJECT_ROOT, processEnvironment, silenceSdkWarnings } from './config.js';
import { LocalStackError } from './local-stack/local-stack-error.js';
import { SampleError } from './sample/sample-error.js';

const COMMANDS = [
  demoCommand,
  localCommand,
  planCommand,
  runCommand,
  statusCommand,
  retryCommand,
  skipCommand,
  abortCommand,
  historyCommand,
  quarantineCommand,
  dsnCommand,
  generateCommand,
  workerCommand,
  doctorCommand,
];

function starshift(): Command {
  const { version, description } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  const program = new Command('starshift')
    .description(description)
    .version(version)
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText(
      'after',
      `
Examples:
  starshift demo --exit
  starshift plan sparkify --design by-user
  starshift run loadWarehouse --input-file examples/load-warehouse.json
Exit code: 0 done, 1 the run failed or waits for an answer, or a server cannot be reached, 2 wrong usage.`,
    );
  for (const command of COMMANDS) program.addCommand(withExit(command()));
  return withExit(program);
}

/** Commander would end the process by itself, with 1 for wrong usage; here that is 2. */
function withExit(command: Command): Command {
  for (const sub of command.commands) withExit(sub);
  return command.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) });
}

async function main(): Promise<void> {
  silenceSdkWarnings();
  endWithReader();
  try {
    await starshift().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // Commander has already written what is wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CliError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof LocalStackError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
  if (error instanceof SampleError) {
    process.stderr.write(`${error.message}\n`);
    return error.reason === 'usage' ? EXIT.usage : EXIT.failed;
  }
  if (isUnreachable(error)) {
    process.stderr.write(
      'Temporal cannot be reached any more; runs go on when it is back. Then: npx starshift status\n',
    );
    return EXIT.failed;
  }
  // What a server answered is no defect of ours; its stack is for whoever looks for one.
  if (isTemporalFailure(error) && (processEnvironment().DEBUG ?? '') === '') {
    process.stderr.write(`${describeFailure(error)}\n(DEBUG=1 shows where it came from.)\n`);
    return EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}

await main();
