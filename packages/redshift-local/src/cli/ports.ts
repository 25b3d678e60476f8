import { findFreePort, isPortFree } from '../engine/free-port.js';
import { SetupError } from '../engine/setup-error.js';

/**
 * The port a setting names, or the first free one of the hundred from `otherwise` when it names none.
 * Throws SetupError when the named one is taken, or the address is not one to listen on.
 */
export async function portOf(request: {
  readonly host: string;
  readonly setting: string;
  readonly wanted: number | undefined;
  readonly otherwise: number;
}): Promise<number> {
  const { host, setting, wanted, otherwise } = request;
  if (wanted !== undefined) {
    if (await isFree(host, wanted)) return wanted;
    throw new SetupError(
      `Port ${wanted} (${setting}) on ${host} is in use. Stop what listens there, choose another port, or leave ${setting} out to get a free one.`,
    );
  }
  for (let port = otherwise; port < otherwise + 100; port += 1) if (await isFree(host, port)) return port;
  return findFreePort(host);
}

async function isFree(host: string, port: number): Promise<boolean> {
  try {
    return await isPortFree(host, port);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new SetupError(
      `Cannot listen on ${host} (${code ?? message}). Give --listen an address of this machine, 127.0.0.1 or 0.0.0.0 for example.`,
      { cause },
    );
  }
}
