import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { copyTree } from './copy-tree.js';
import { executable } from './postgres-binaries.js';
import { PostgresEngine } from './postgres-engine.js';
import { makeOwnedFolder, type PostgresHome } from './postgres-home.js';
import { INITDB_FLAGS } from './postgres-settings.js';

/** How the folder that new clusters are copied from is made. */
export interface DataTemplateOptions {
  readonly home: PostgresHome;
  readonly logFile: string;
  /** Changes whenever `install` would install something else. */
  readonly version: string;
  /** Installs the compatibility schema into template1, so that every database of a cluster has it. */
  install(client: pg.Client): Promise<void>;
  log(line: string): void;
}

/**
 * An initialised, stopped data folder with the compatibility schema in template1. Made once for each version (some seconds) and kept;
 * those of other versions are removed. Returns its path.
 */
export async function ensureDataTemplate(options: DataTemplateOptions): Promise<string> {
  const { home } = options;
  const name = `template-${createHash('sha256').update(templateKey(options)).digest('hex').slice(0, 12)}`;
  const target = path.join(home.dataRoot, name);
  if (existsSync(target)) return target;
  options.log('preparing PostgreSQL (only the first time)');
  for (const old of readdirSync(home.dataRoot)) {
    if (old.startsWith('template-')) rmSync(path.join(home.dataRoot, old), { recursive: true, force: true });
  }
  const building = `${target}.building`;
  makeOwnedFolder(building, home.account);
  await initdb(home, building);
  await installInto(options, building);
  renameSync(building, target);
  return target;
}

/** Makes the data folder of a new cluster. The target must not exist. */
export async function copyDataFolder(home: PostgresHome, source: string, target: string): Promise<void> {
  const unfinished = `${target}.copying`;
  rmSync(unfinished, { recursive: true, force: true });
  await copyTree(source, unfinished, home.account);
  renameSync(unfinished, target);
}

function templateKey({ home, version }: DataTemplateOptions): string {
  const binaries = createHash('sha256')
    .update(readFileSync(executable(home.binaries, 'postgres')))
    .digest('hex');
  return JSON.stringify([binaries, INITDB_FLAGS, version]);
}

async function initdb(home: PostgresHome, dataDir: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'redshift-local-'));
  const passwordFile = path.join(folder, 'password');
  try {
    writeFileSync(passwordFile, `${home.superuser.password}\n`, { mode: 0o600 });
    if (home.account !== undefined) {
      for (const entry of [folder, passwordFile]) chownSync(entry, home.account.uid, home.account.gid);
    }
    await runProgram(home, executable(home.binaries, 'initdb'), [
      ...['-D', dataDir, '-U', home.superuser.user, `--pwfile=${passwordFile}`],
      ...INITDB_FLAGS,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runProgram(home: PostgresHome, program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: path.parse(home.dataRoot).root,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(home.account && { uid: home.account.uid, gid: home.account.gid }),
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${path.basename(program)} failed with exit code ${code}:\n${Buffer.concat(output)}`));
    });
  });
}

async function installInto(options: DataTemplateOptions, dataDir: string): Promise<void> {
  const engine = new PostgresEngine({ home: options.home, dataDir, logFile: options.logFile, log: options.log });
  await engine.start();
  try {
    const client = await engine.connect('template1');
    try {
      await options.install(client);
    } finally {
      await client.end();
    }
  } finally {
    await engine.stop();
  }
}
