import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../config.js';

/** Folder of programs brought once for all checkouts of this user: STARSHIFT_CACHE_DIR, or starshift in the XDG cache folder. */
export function cacheDirectory(environment: Environment): string {
  const named = environment.STARSHIFT_CACHE_DIR;
  if (named) return resolve(named);
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'starshift');
}
