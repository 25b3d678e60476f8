import type { ClusterLifecycle } from '../cluster/cluster-lifecycle.js';
import type { ClusterRuntime } from '../cluster/cluster-runtime.js';
import type { AwsAccount } from '../state/account.js';
import type { StateStore } from '../state/state-store.js';

/** What the Redshift actions work on. */
export interface RedshiftContext {
  readonly account: AwsAccount;
  readonly store: StateStore;
  readonly lifecycle: ClusterLifecycle;
  readonly runtime: ClusterRuntime;
  /** The name clients reach the endpoints by; the certificate is valid for it. */
  readonly endpointAddress: string;
  /** The address the endpoints listen on. */
  readonly listenHost: string;
  /** Where a cluster listens that asks for Redshift's default port. */
  readonly basePort: number;
  /** The version of the compatibility schema that new clusters get. */
  readonly catalogVersion: string;
}
