import { Command } from 'commander';

/** `starshift doctor`: what is installed, reachable, misconfigured, and how to mend it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('say what is installed, reachable and misconfigured, and how to mend it')
    .description(
      'Looks at Node, packages, servers, settings, Temporal, AWS credentials, S3 and clusters. Changes nothing; shows no secret.',
    )
    .option('--json', 'print the findings as one JSON document on stdout', false)
    .addHelpText(
      'after',
      `
Examples:
  starshift doctor
  AWS_PROFILE=production starshift doctor --json
Exit code: 0 nothing required is broken, 1 something is, 2 wrong usage.`,
    )
    .action(async (options: { readonly json: boolean }) => {
      const { runDoctor } = await import('./doctor/run-doctor.js');
      process.exitCode = await runDoctor(options);
    });
}
