import { ConfigError, type Environment, processEnvironment, readConfig } from '../../config.js';
import { EXIT, type ExitCode } from '../cli-error.js';
import { findDestination } from '../connect.js';
import { openTerminal, type Terminal } from '../terminal.js';
import type { Finding } from './finding.js';
import { inspectInstallation } from './inspect-installation.js';
import { inspectServices } from './inspect-services.js';
import { inspectSettings } from './inspect-settings.js';

const TITLES = { installed: 'Installed', settings: 'Settings', reachable: 'Reachable' } as const;

/** Looks at everything, prints it, and answers 1 when something required is broken. */
export async function runDoctor(request: { readonly json: boolean }): Promise<ExitCode> {
  const environment = processEnvironment();
  const terminal = openTerminal(environment);
  const findings = await examine(environment);
  const isHealthy = findings.every(({ status }) => status !== 'broken');
  if (request.json) terminal.result(JSON.stringify({ ok: isHealthy, findings }, null, 2));
  else terminal.result(describe(findings, terminal).join('\n'));
  return isHealthy ? EXIT.done : EXIT.failed;
}

async function examine(environment: Environment): Promise<readonly Finding[]> {
  const settings = inspectSettings({ ...environment });
  const stateDir = stateFolder(environment);
  const installation = await inspectInstallation({ environment, stateDir });
  // Wrong settings are told already; where they point to cannot be known.
  const services = stateDir === undefined ? [] : await inspectServices(await findDestination(environment));
  return [...installation, ...settings, ...services];
}

function stateFolder(environment: Environment): string | undefined {
  try {
    return readConfig(environment).stateDir;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function describe(findings: readonly Finding[], { colors }: Terminal): string[] {
  const marks = {
    ok: colors.green('ok     '),
    warning: colors.yellow('warning'),
    broken: colors.red('broken '),
    skipped: colors.dim('skipped'),
  };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines: string[] = [];
  for (const group of Object.keys(TITLES) as Finding['group'][]) {
    const ofGroup = findings.filter((finding) => finding.group === group);
    if (ofGroup.length > 0) lines.push('', TITLES[group]);
    for (const { status, name, detail, fix } of ofGroup) {
      lines.push(`  ${marks[status]}  ${name.padEnd(width)}  ${detail}`);
      if (fix !== undefined) lines.push(`  ${' '.repeat(9 + width)}  -> ${fix}`);
    }
  }
  const broken = findings.filter(({ status }) => status === 'broken').length;
  const warnings = findings.filter(({ status }) => status === 'warning').length;
  return [
    ...lines.slice(1),
    '',
    broken === 0
      ? `Nothing required is broken (${count(warnings, 'warning')}).`
      : `${count(broken, 'thing')} broken, ${count(warnings, 'warning')}.`,
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
