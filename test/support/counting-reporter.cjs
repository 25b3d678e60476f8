const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

/**
 * Mocha's spec reporter that also writes `N passed, N failed, N skipped` into the file named by the reporter option `counts`, from
 * mocha's own figures. A CommonJS module, because mocha loads reporters with require.
 */
class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const path = options.reporterOptions?.counts ?? options.reporterOption?.counts;
    if (path === undefined) throw new Error('the counting reporter needs --reporter-option counts=FILE');
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(path, `${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }
}

module.exports = CountingReporter;
