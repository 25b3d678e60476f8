import type { NotifyTargets, NotifyWebhook } from './adapters/notification/notify-targets.js';

const COMMAND = 'STARSHIFT_NOTIFY_COMMAND';
const URL_SETTING = 'STARSHIFT_NOTIFY_URL';
const SECRET = 'STARSHIFT_NOTIFY_SECRET';
const UI = 'STARSHIFT_UI_URL';

/** Variables that a notification command has no business with. It keeps those of the AWS and Temporal CLIs, which it may well call. */
const SECRETS = /^STARSHIFT_(PASSWORD|NOTIFY_)/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings that say where notifications go; empty ones count as not set.
 * @param errors takes a line for each wrong one, with an example
 */
export function readNotifySettings(env: Environment, errors: string[]): NotifyTargets {
  return {
    command: readCommand(env, errors),
    webhook: readWebhook(env, errors),
    uiUrl: readUiUrl(env, errors),
  };
}

/**
 * Splits a command into words as a POSIX shell does, without expanding anything: blanks separate, quotes and backslashes keep together.
 * Undefined where a quote is not closed.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const piece = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | undefined;
  while (piece.lastIndex < text.length) {
    const match = piece.exec(text);
    if (match === null) return undefined;
    const [whole, single, double, escaped, plain] = match;
    const part = single ?? double?.replace(/\\(["\\$`\n])/g, '$1') ?? escaped ?? plain;
    if (part === undefined) {
      if (whole !== '' && word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + part;
    }
  }
  return word === undefined ? words : [...words, word];
}

function readCommand(env: Environment, errors: string[]): NotifyTargets['command'] {
  const text = setting(env, COMMAND);
  if (text === undefined) return undefined;
  const [program, ...args] = splitWords(text) ?? [];
  if (program === undefined || program === '') {
    errors.push(
      `${COMMAND}: ${splitWords(text) === undefined ? 'a quote is not closed' : 'names no program'}; write program and arguments, for example ${COMMAND}='/usr/local/bin/page-me --team data'`,
    );
    return undefined;
  }
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && !SECRETS.test(name));
  return { argv: [program, ...args], environment: Object.fromEntries(kept) as Record<string, string> };
}

/** Never shows the address itself, whose path is a secret with many services. */
function readWebhook(env: Environment, errors: string[]): NotifyWebhook | undefined {
  const [text, secret] = [setting(env, URL_SETTING), setting(env, SECRET)];
  const example = `for example ${URL_SETTING}=https://hooks.example.com/starshift`;
  if (text === undefined) {
    if (secret !== undefined) errors.push(`${SECRET}: signs what goes to ${URL_SETTING}, which is not set; ${example}`);
    return undefined;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = url === undefined ? 'is not an address' : wrongWebhook(url);
  if (wrong !== undefined) {
    errors.push(`${URL_SETTING}: ${wrong}; ${example}`);
    return undefined;
  }
  return { url: text, secret };
}

function wrongWebhook(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') {
    return `must not hold a user or password; sign what is sent with ${SECRET} instead`;
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined;
  return 'must begin with https://, or with http:// when the server is on this machine';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function readUiUrl(env: Environment, errors: string[]): string | undefined {
  const text = setting(env, UI);
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:\/\//.test(text)) return text.replace(/\/+$/, '');
  errors.push(
    `${UI}: "${text}" is not the address of a Temporal Web UI, for example ${UI}=https://temporal.example.com`,
  );
  return undefined;
}

function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}
