import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { PROJECT_ROOT, processEnvironment, readConfig } from '../src/config.js';
import { readRunningStack } from '../src/local-stack/running-stack.js';

/**
 * Takes the README's pictures of the Web UI. Needs a stack that is up after a run (`npm start` in another terminal) and a Chromium
 * on PATH, or its path in CHROMIUM.
 */

const WIDTH = 1440;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const WORKFLOW_ID = process.argv[2] ?? 'starshift-demo';

await main();

async function main(): Promise<void> {
  const environment = processEnvironment();
  const stack = await readRunningStack(readConfig(environment).stateDir);
  const uiUrl = stack?.temporal.uiUrl;
  if (uiUrl === undefined) throw new Error('No local stack with a Web UI is up; run `npm start` in another terminal.');
  const run = `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(WORKFLOW_ID)}`;
  const browser = await chromium.launch({
    executablePath: findBrowser(environment),
    args: ['--no-sandbox', '--force-color-profile=srgb'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 1085 }, colorScheme: 'light' });
    await page.goto(run, { waitUntil: 'domcontentloaded' });
    await page.getByText('COPY staging_events').first().waitFor({ timeout: 30_000 });
    // Oldest first: what a run does, in the order in which it does it.
    await page.getByRole('button', { name: 'Descending' }).click();
    await page.getByText('planWarehouse').first().waitFor({ timeout: 30_000 });
    await shoot(page, 'run.png');
    await page
      .getByRole('link', { name: 'User Metadata' })
      .or(page.getByRole('tab', { name: 'User Metadata' }))
      .first()
      .click();
    await page.getByText('WAIT UNTIL').first().waitFor({ timeout: 30_000 });
    await page.setViewportSize({ width: WIDTH, height: 1200 });
    await shoot(page, 'steps.png');
  } finally {
    await browser.close();
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  const path = join(PROJECT_ROOT, 'docs/images', name);
  // Fonts and the timeline's canvas come after the text.
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.screenshot({ path });
  process.stderr.write(`${path}\n`);
}

function findBrowser(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment.CHROMIUM;
  if (given !== undefined && given !== '') return given;
  const folders = (environment.PATH ?? '').split(':');
  const found = folders.flatMap((folder) => BROWSERS.map((name) => join(folder, name))).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`No browser on PATH (${BROWSERS.join(', ')}); name one with CHROMIUM=/path/to/chromium.`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
