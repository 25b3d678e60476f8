import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { getTestStack, STACK_START_TIMEOUT_MS } from '../support/stack.js';
import { LOAD, type TestRun, TestRuns } from '../workflows/test-runs.js';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What a line of a log file may hold, meant badly or not. */
const VALUE = [
  '`tick` ```fence``` |pipe| </code></pre><b>bold</b><img src="http://127.0.0.1:9/x.png" onerror="document.title=1">',
  '<script>document.title = 2</script> [a](http://127.0.0.1:9/a) ![i](http://127.0.0.1:9/i.png)',
  'http://127.0.0.1:9/auto *em* _em_ ~~strike~~ &lt;entity&gt;',
  '# heading',
  '- item',
  '```',
  '</iframe>',
].join('\n');
const ERROR = `COPY into staging_events rejected s3://music/a.json line 7, column "ts": "${VALUE}"`;
const FILE = 's3://music/<b>`a`|.json';

describe('The Web UI shows what a file held as text', function () {
  this.timeout(STACK_START_TIMEOUT_MS);
  let runs: TestRuns;
  let run: TestRun;
  let browser: Browser;
  let uiUrl: string;

  before(async function () {
    const executablePath = findBrowser();
    if (executablePath === undefined) {
      process.stderr.write(`  SKIPPED: no browser on PATH (${BROWSERS.join(', ')}); name one with CHROMIUM=/path\n`);
      this.skip();
    }
    uiUrl = (await getTestStack({ temporal: true, s3: false, redshift: false })).temporal.uiUrl ?? '';
    runs = await TestRuns.begin();
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    await runs?.end();
  });

  async function openDetails(): Promise<{ readonly page: Page; readonly details: Frame; readonly asked: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1600, height: 2000 } });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const path = `/namespaces/default/workflows/${encodeURIComponent(run.handle.workflowId)}`;
    await page.goto(`${uiUrl}${path}`, { waitUntil: 'domcontentloaded' });
    const tab = { name: 'User Metadata' };
    await page.getByRole('link', tab).or(page.getByRole('tab', tab)).first().click();
    for (const deadline = Date.now() + 30_000; ; await delay(100)) {
      for (const frame of page.frames()) {
        const text = await frame
          .locator('body')
          .textContent()
          .catch(() => '');
        if (frame !== page.mainFrame() && text?.includes('loadWarehouse')) return { page, details: frame, asked };
      }
      assert.ok(Date.now() < deadline, 'the Web UI shows no current details');
    }
  }

  const assertText = async ({ page, details, asked }: Awaited<ReturnType<typeof openDetails>>) => {
    for (const element of ['img', 'b', 'script[src]', 'em', 'del', 'a', 'iframe', 'li', 'h1']) {
      assert.equal(await details.locator(`main ${element}`).count(), 0, element);
    }
    const blocks = await details.locator('main pre').allTextContents();
    assert.ok(
      blocks.some((block) => block.includes(ERROR)),
      blocks.join('\n-----\n'),
    );
    assert.ok(!asked.some((url) => url.includes('127.0.0.1:9/')), asked.join('\n'));
    assert.match(await page.title(), /^User Metadata/);
  };

  it('while a step waits for an answer: its error, the file in the commands and the remark in the table', async () => {
    runs.activities.reset({
      copyBatch: async ({ step }) => {
        if (step !== 'staging_events') throw ApplicationFailure.nonRetryable('no', 'SqlFailed');
        throw ApplicationFailure.nonRetryable(ERROR, 'CopyRejectedRows', { file: FILE });
      },
    });
    run = await runs.start('loadWarehouse', LOAD);
    await run.until('staging_events', 'parked');
    await run.until('staging_songs', 'parked');
    const shown = await openDetails();
    await assertText(shown);
    const text = (await shown.details.locator('body').textContent()) ?? '';
    assert.ok(text.includes(`--exclude '${FILE}'`), text);
    // A row a step, whatever its remark holds: heading, claim, two stagings, three tables, count.
    assert.equal(await shown.details.locator('table tr').count(), 8);
    assert.deepEqual(
      await shown.details.locator('table tr').evaluateAll((rows) => rows.map((row) => row.children.length)),
      [6, 6, 6, 6, 6, 6, 6, 6],
    );
    await run.handle.executeUpdate('abort', { args: [{ reason: '<b>wrong</b> *bucket*' }] });
    await run.failure();
  });

  it('and after the run has ended', async () => {
    const shown = await openDetails();
    await assertText(shown);
    const text = (await shown.details.locator('body').textContent()) ?? '';
    assert.ok(text.includes('Aborted: <b>wrong</b> *bucket*.'), text);
  });
});

function findBrowser(): string | undefined {
  const given = process.env.CHROMIUM;
  if (given !== undefined && given !== '') return given;
  const folders = (process.env.PATH ?? '').split(':');
  return folders.flatMap((folder) => BROWSERS.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
