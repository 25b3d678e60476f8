import { accessSync, constants, statSync } from 'node:fs';
import { ConfigError, type Environment, readConfig } from '../../config.js';
import { OWN_TEMPORAL_VARIABLE } from '../../local-stack/own-environment.js';
import { splitWords } from '../../notify-settings.js';
import { type Finding, findings } from './finding.js';

const { ok, warning, broken } = findings('settings');

/** Every variable of ours that is read somewhere; inputs may name others with the password prefix. */
const OURS = [
  'STARSHIFT_CACHE_DIR',
  'STARSHIFT_NOTIFY_COMMAND',
  'STARSHIFT_NOTIFY_SECRET',
  'STARSHIFT_NOTIFY_URL',
  'STARSHIFT_REDSHIFT_CA',
  'STARSHIFT_S3_PATH_STYLE',
  'STARSHIFT_SECRETS',
  'STARSHIFT_STATE_DIR',
  'STARSHIFT_TASK_QUEUE',
  'STARSHIFT_UI_URL',
  'STARSHIFT_WAREHOUSES',
];
const PASSWORD_PREFIX = 'STARSHIFT_PASSWORD';
/** Two letters changed, lost or swapped are a slip; more is another word. */
const SLIP = 3;

/** Looks for settings that are wrong, unknown or contradict each other. Values of secrets are never shown. */
export function inspectSettings(environment: Environment): readonly Finding[] {
  const found = [...wrong(environment), ...unknown(environment), ...contradictions(environment)];
  return found.length > 0 ? found : [ok('environment', 'no setting is wrong, unknown or contradictory')];
}

function wrong(environment: Environment): Finding[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.errors.map((line) => broken(line.split(':')[0] ?? 'settings', line, 'Correct or unset the variable.'));
  }
}

function unknown(environment: Environment): Finding[] {
  const strangers = Object.keys(environment).filter(
    (name) =>
      name.startsWith('STARSHIFT_') &&
      !OURS.includes(name) &&
      name !== OWN_TEMPORAL_VARIABLE &&
      !name.startsWith(PASSWORD_PREFIX),
  );
  return strangers.map((name) => {
    const meant = OURS.find((known) => distance(name, known) <= SLIP);
    const fix = meant === undefined ? `Unset it; known are ${OURS.join(', ')}.` : `Did you mean ${meant}?`;
    return warning(name, 'is not a setting of Starshift and has no effect', fix);
  });
}

function contradictions(environment: Environment): Finding[] {
  const has = (name: string) => (environment[name] ?? '') !== '';
  const isLocal = (name: string) => /^https?:\/\/(127\.|localhost|\[::1\])/.test(environment[name] ?? '');
  const found: Finding[] = [];
  if (has('AWS_PROFILE') && has('AWS_ACCESS_KEY_ID')) {
    found.push(
      warning(
        'AWS_PROFILE',
        'is set beside AWS_ACCESS_KEY_ID: the AWS SDK ignores the keys',
        'Unset the one that is not meant.',
      ),
    );
  }
  if (has('AWS_ACCESS_KEY_ID') !== has('AWS_SECRET_ACCESS_KEY')) {
    const [present, absent] = has('AWS_ACCESS_KEY_ID')
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
      : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    found.push(broken(present, `is set without ${absent}`, `Set ${absent} as well, or unset ${present}.`));
  }
  const anywhere = has('AWS_ENDPOINT_URL');
  if (isLocal('AWS_ENDPOINT_URL_S3') !== isLocal('AWS_ENDPOINT_URL_REDSHIFT') && !anywhere) {
    const [local, remote] = isLocal('AWS_ENDPOINT_URL_S3') ? ['S3', 'REDSHIFT'] : ['REDSHIFT', 'S3'];
    found.push(
      warning(
        `AWS_ENDPOINT_URL_${local}`,
        `points to this machine while ${remote} would go to AWS`,
        'Source .starshift/stack.env while the local stack runs, or unset the variable.',
      ),
    );
  }
  if (isLocal('AWS_ENDPOINT_URL_REDSHIFT') && !has('STARSHIFT_REDSHIFT_CA')) {
    const fix = 'Set STARSHIFT_REDSHIFT_CA to the ca.pem of redshift-local: TLS to its clusters fails without it.';
    found.push(
      warning('STARSHIFT_REDSHIFT_CA', 'is not set while AWS_ENDPOINT_URL_REDSHIFT points to this machine', fix),
    );
  }
  return [...found, ...missingCommand(environment)];
}

/** Only the worker starts it, so here it is a warning. */
function missingCommand(environment: Environment): Finding[] {
  const [program] = splitWords(environment.STARSHIFT_NOTIFY_COMMAND ?? '') ?? [];
  if (program === undefined || program === '') return [];
  const folders = program.includes('/') ? [''] : (environment.PATH ?? '').split(':').map((folder) => `${folder}/`);
  if (folders.some((folder) => isProgram(`${folder}${program}`))) return [];
  const fix = 'Correct it, or make the file executable; workers on other machines may have it.';
  return [warning('STARSHIFT_NOTIFY_COMMAND', `${program} is no program on this machine`, fix)];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
