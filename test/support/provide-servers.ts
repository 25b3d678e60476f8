import { provideBinary } from '../../src/local-stack/provide-binary.js';
import { TEMPORAL_BINARY } from '../../src/local-stack/temporal-binary.js';
import { VERSITYGW_BINARY } from '../../src/local-stack/versitygw-binary.js';

const REPORT_EVERY_MS = 10_000;

/**
 * Brings the programs of the servers before the first test, so that no test's deadline has to allow for building them. Runs once a
 * mocha process, in every way mocha is started; costs milliseconds when they are there.
 */
export async function mochaGlobalSetup(): Promise<void> {
  for (const spec of [TEMPORAL_BINARY, VERSITYGW_BINARY]) {
    await provideBinary({ spec, environment: process.env, onProgress: reportNowAndThen() });
  }
}

function reportNowAndThen(): (message: string) => void {
  let nextAt = 0;
  return (message) => {
    if (performance.now() < nextAt) return;
    nextAt = performance.now() + REPORT_EVERY_MS;
    process.stderr.write(`  ${message}\n`);
  };
}
