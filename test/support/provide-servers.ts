import { provideServers } from '../../src/local-stack/provide-servers.js';

const REPORT_EVERY_MS = 10_000;

/**
 * Brings the programs of the servers before the first test, so that no test's deadline has to allow for building them. Runs once a
 * mocha process, in every way mocha is started; costs milliseconds when they are there.
 */
export async function mochaGlobalSetup(): Promise<void> {
  let nextAt = 0;
  await provideServers({
    parts: { temporal: true, s3: true },
    environment: process.env,
    onProgress: ({ message }) => {
      if (performance.now() < nextAt) return;
      nextAt = performance.now() + REPORT_EVERY_MS;
      process.stderr.write(`  ${message}\n`);
    },
  });
}
