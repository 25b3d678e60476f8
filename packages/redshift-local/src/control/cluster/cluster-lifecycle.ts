import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../aws/aws-error.js';
import type { ClusterRecord, ClusterStatus } from '../state/control-state.js';
import type { StateStore } from '../state/state-store.js';
import type { ClusterRuntime } from './cluster-runtime.js';
import type { LifecycleDelays } from './lifecycle-delays.js';

/** A cluster that crashes again this soon after it was restarted stays down. */
const CRASH_LOOP_MS = 60_000;

/** What the life cycle works on. */
export interface ClusterLifecycleOptions {
  readonly store: StateStore;
  readonly runtime: ClusterRuntime;
  readonly delays: LifecycleDelays;
  log(line: string): void;
}

interface Transition {
  readonly status: ClusterStatus;
  readonly delayMs: number;
  /** What changes in the record when it is over; undefined when the cluster is gone. */
  work(): Promise<Partial<ClusterRecord> | undefined>;
}

/**
 * Moves clusters from state to state, as the real service does: an action only begins a transition, which goes on in the
 * background. A restart of the process finishes what was under way.
 */
export class ClusterLifecycle {
  readonly #options: ClusterLifecycleOptions;
  readonly #tasks = new Map<string, Promise<void>>();
  readonly #lastCrash = new Map<string, number>();
  readonly #shutdown = new AbortController();

  constructor(options: ClusterLifecycleOptions) {
    this.#options = options;
  }

  /** The record of a cluster. Throws ClusterNotFound. */
  find(identifier: string): ClusterRecord {
    const cluster = this.#options.store.state.clusters[identifier.toLowerCase()];
    if (cluster === undefined)
      throw new AwsError('ClusterNotFound', `Cluster ${identifier.toLowerCase()} not found.`, 404);
    return cluster;
  }

  /** Changes the record of a cluster and saves it. */
  update(identifier: string, changes: Partial<ClusterRecord>): ClusterRecord {
    const { store } = this.#options;
    const changed = { ...this.find(identifier), ...changes };
    store.state.clusters[identifier] = changed;
    store.save();
    return changed;
  }

  /** Enters a new cluster and begins to create it, from `restoringFrom` if that is set. */
  create(cluster: ClusterRecord, delayMs = this.#options.delays.creating): void {
    this.#options.store.state.clusters[cluster.identifier] = cluster;
    this.#begin(cluster.identifier, {
      status: 'creating',
      delayMs,
      work: async () => ({
        port: await this.#options.runtime.create(this.find(cluster.identifier), cluster.restoringFrom),
      }),
    });
  }

  /** Resolves when no transition of the cluster is under way. */
  async settled(identifier: string): Promise<void> {
    await this.#tasks.get(identifier);
  }

  pause(identifier: string): ClusterRecord {
    return this.#begin(identifier, {
      status: 'pausing',
      delayMs: this.#options.delays.pausing,
      work: async () => {
        await this.#options.runtime.stop(identifier);
        return { status: 'paused' };
      },
    });
  }

  resume(identifier: string): ClusterRecord {
    return this.#begin(identifier, {
      status: 'resuming',
      delayMs: this.#options.delays.resuming,
      work: () => this.#started(identifier),
    });
  }

  reboot(identifier: string): ClusterRecord {
    return this.#begin(identifier, {
      status: 'rebooting',
      delayMs: this.#options.delays.rebooting,
      work: async () => {
        await this.#options.runtime.stop(identifier);
        return this.#started(identifier);
      },
    });
  }

  /** Shows a change of settings as `modifying`; the endpoint stays up. */
  modify(identifier: string, work: () => Promise<Partial<ClusterRecord>> = async () => ({})): ClusterRecord {
    return this.#begin(identifier, { status: 'modifying', delayMs: this.#options.delays.modifying, work });
  }

  /** Stops the cluster, keeps the snapshot entered under `finalSnapshot` if the record names one, and removes the data. */
  delete(identifier: string): ClusterRecord {
    const { runtime, delays, store } = this.#options;
    const snapshot = this.find(identifier).finalSnapshot;
    // The second case: a restart after the copy was made, when the data may be gone already.
    if (snapshot === undefined || store.state.snapshots[snapshot]?.status === 'available') {
      return this.#begin(identifier, { status: 'deleting', delayMs: 0, work: () => this.#removed(identifier) });
    }
    return this.#begin(identifier, {
      status: 'final-snapshot',
      delayMs: delays.snapshot,
      work: async () => {
        await runtime.stop(identifier);
        this.#snapshotDone(snapshot, await runtime.keepSnapshot(identifier, snapshot));
        this.update(identifier, { status: 'deleting' });
        return this.#removed(identifier);
      },
    });
  }

  /** Brings back every cluster of an earlier process, finishing what it had begun. Resolves when all of them rest. */
  async bringBack(): Promise<void> {
    for (const cluster of Object.values(this.#options.store.state.clusters)) {
      const { identifier, status } = cluster;
      if (status === 'creating') this.create(cluster);
      else if (status === 'pausing') this.update(identifier, { status: 'paused' });
      else if (status === 'deleting' || status === 'final-snapshot') this.delete(identifier);
      else if (status !== 'paused') {
        this.#begin(identifier, { status: 'resuming', delayMs: 0, work: () => this.#started(identifier) });
      }
    }
    await Promise.all(this.#tasks.values());
  }

  /** Restarts a cluster whose PostgreSQL ended by itself; one that keeps crashing stays in `hardware-failure`. */
  crashed(identifier: string, reason: string): void {
    const { log, store } = this.#options;
    if (store.state.clusters[identifier]?.status !== 'available') return;
    log(`PostgreSQL of cluster ${identifier} ended by itself (${reason})`);
    const looping = Date.now() - (this.#lastCrash.get(identifier) ?? 0) < CRASH_LOOP_MS;
    this.#lastCrash.set(identifier, Date.now());
    if (looping) this.update(identifier, { status: 'hardware-failure' });
    else this.reboot(identifier);
  }

  /** Stops all clusters; transitions under way are left for the next start. */
  async close(): Promise<void> {
    this.#shutdown.abort();
    await Promise.all(this.#tasks.values());
    const { runtime, store } = this.#options;
    await Promise.all(Object.keys(store.state.clusters).map((identifier) => runtime.stop(identifier)));
  }

  #begin(identifier: string, transition: Transition): ClusterRecord {
    const changed = this.update(identifier, { status: transition.status });
    const task = this.#run(identifier, transition).finally(() => {
      if (this.#tasks.get(identifier) === task) this.#tasks.delete(identifier);
    });
    this.#tasks.set(identifier, task);
    return changed;
  }

  async #run(identifier: string, { delayMs, work }: Transition): Promise<void> {
    const { signal } = this.#shutdown;
    try {
      const [changes] = await Promise.all([work(), delay(delayMs, undefined, { signal }).catch(() => {})]);
      if (signal.aborted || changes === undefined) return;
      this.update(identifier, { status: 'available', ...changes });
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log(`cluster ${identifier}: ${error instanceof Error ? error.message : String(error)}`);
      this.update(identifier, { status: 'hardware-failure' });
    }
  }

  async #started(identifier: string): Promise<Partial<ClusterRecord>> {
    const port = await this.#options.runtime.start(this.find(identifier));
    const wanted = this.find(identifier).port;
    if (port !== wanted) this.#options.log(`cluster ${identifier}: port ${wanted} is taken, listening on ${port}`);
    return { port, catalogVersion: this.#options.runtime.catalogVersion };
  }

  async #removed(identifier: string): Promise<undefined> {
    const { runtime, store, delays } = this.#options;
    await runtime.stop(identifier);
    await delay(delays.deleting, undefined, { signal: this.#shutdown.signal });
    runtime.remove(identifier);
    const secretArn = store.state.clusters[identifier]?.masterSecretArn;
    if (secretArn !== undefined) delete store.state.secrets[secretArn];
    delete store.state.clusters[identifier];
    store.save();
    return undefined;
  }

  #snapshotDone(snapshot: string, sizeBytes: number): void {
    const { state } = this.#options.store;
    const record = state.snapshots[snapshot];
    if (record !== undefined) state.snapshots[snapshot] = { ...record, sizeBytes, status: 'available' };
  }
}
