/** How long the states between two resting states last at least, in milliseconds. On AWS they take minutes. */
export interface LifecycleDelays {
  readonly creating: number;
  readonly pausing: number;
  readonly resuming: number;
  readonly modifying: number;
  readonly rebooting: number;
  readonly snapshot: number;
  readonly deleting: number;
}

const DEFAULT_DELAYS: LifecycleDelays = {
  creating: 2000,
  pausing: 1000,
  resuming: 1000,
  modifying: 500,
  rebooting: 500,
  snapshot: 500,
  deleting: 1000,
};

/** The default delays times a factor: 0 for none, 60 to wait as long as on AWS. */
export function lifecycleDelays(factor: number): LifecycleDelays {
  const entries = Object.entries(DEFAULT_DELAYS).map(([name, ms]) => [name, Math.round(ms * factor)]);
  return Object.fromEntries(entries) as unknown as LifecycleDelays;
}
