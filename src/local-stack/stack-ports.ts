import { choosePort, type RequestedPorts, type StackPort } from './ports.js';

/**
 * Chooses all ports of a stack before anything is started, so that a taken one stops nothing half way.
 * @throws LocalStackError port-taken
 */
export async function chooseStackPorts(request: {
  readonly wanted: readonly StackPort[];
  readonly requested: RequestedPorts;
  readonly onMoved: (message: string) => void;
}): Promise<Readonly<Record<StackPort, number>>> {
  const chosen: Record<StackPort, number> = { temporal: 0, ui: 0, s3: 0, controlPlane: 0, redshift: 0 };
  const explicit = Object.values(request.requested).filter((port): port is number => port !== undefined && port !== 0);
  const taken = new Set<number>(explicit);
  for (const port of request.wanted) {
    chosen[port] = await choosePort({
      port,
      requested: request.requested[port],
      except: taken,
      onMoved: request.onMoved,
    });
    taken.add(chosen[port]);
  }
  return chosen;
}
