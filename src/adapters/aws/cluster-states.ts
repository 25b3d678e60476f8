/** What a cluster's state means for somebody who waits for it or wants it gone. */
export type StateClass = 'available' | 'paused' | 'changing' | 'deleting' | 'broken';

/**
 * States of a cluster (MG "Cluster status"). What is not named here is taken to pass, because AWS adds states.
 */
const CLASSES: Readonly<Record<string, StateClass>> = {
  available: 'available',
  'available, prep-for-resize': 'available',
  'available, resize-cleanup': 'available',
  paused: 'paused',
  creating: 'changing',
  modifying: 'changing',
  pausing: 'changing',
  resuming: 'changing',
  rebooting: 'changing',
  renaming: 'changing',
  resizing: 'changing',
  'cancelling-resize': 'changing',
  'rotating-keys': 'changing',
  'updating-hsm': 'changing',
  deleting: 'deleting',
  'final-snapshot': 'deleting',
  'hardware-failure': 'broken',
  'storage-full': 'broken',
};

/** The class of a `ClusterStatus`. Pure. */
export function stateClass(status: string): StateClass {
  if (status.startsWith('incompatible-')) return 'broken';
  return CLASSES[status] ?? 'changing';
}

/** True for the service's answer to an action that the cluster's state does not allow. */
export function isInvalidClusterState(error: unknown): boolean {
  return error instanceof Error && /^InvalidClusterState(Fault)?$/.test(error.name);
}
