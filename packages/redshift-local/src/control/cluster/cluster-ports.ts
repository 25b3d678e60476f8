import { isPortFree } from '../../engine/free-port.js';

/** Redshift's own port, and the default of CreateCluster. */
export const DEFAULT_PORT = 5439;

/**
 * The wanted port, or the next free one after it: several clusters share one machine here, where each has an address of its own on
 * AWS. `reserved` are the ports of other clusters, also of those that do not run at the moment.
 */
export async function choosePort(host: string, wanted: number, reserved: ReadonlySet<number>): Promise<number> {
  for (let port = wanted; port <= 65535; port += 1) {
    if (!reserved.has(port) && (await isPortFree(host, port))) return port;
  }
  throw new Error(`no free port from ${wanted} upwards on ${host}`);
}
