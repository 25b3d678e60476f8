const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const END_WITHIN_MS = 60_000;

/** Something that a test left open keeps the process alive; continuous integration must not hang on it, nor let it pass. */
function failBecauseOfLeak() {
  console.error(`mocha does not end: a test left open ${process.getActiveResourcesInfo().join(', ')}`);
  // Mocha sets its own exit code in a listener that was added before this one.
  process.on('exit', () => {
    process.exitCode = 1;
  });
  process.exit();
}

/**
 * Mocha's spec reporter that also writes `N passed, N failed, N skipped` into the file named by the reporter option `counts`, from
 * mocha's own figures, and ends the process when something keeps it alive. A CommonJS module, because mocha loads reporters with require.
 */
class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const path = options.reporterOptions?.counts ?? options.reporterOption?.counts;
    if (path === undefined) throw new Error('the counting reporter needs --reporter-option counts=FILE');
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(path, `${passes} passed, ${failures} failed, ${pending} skipped\n`);
      setTimeout(failBecauseOfLeak, END_WITHIN_MS).unref();
    });
  }
}

module.exports = CountingReporter;
