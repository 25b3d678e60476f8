import type pg from 'pg';
import { checkDisk } from './disk-quota.js';
import type { FaultBoard, FaultSubject } from './fault-board.js';
import type { FaultRule } from './fault-rule.js';

/** The faults of one cluster's endpoint. */
export interface EndpointFaults {
  /** Whether there is anything that a statement could meet. */
  readonly armed: boolean;
  /** Whether the cluster's disk is limited. */
  readonly hasQuota: boolean;
  /** Whether temporary credentials are to be refused. */
  readonly credentialsExpired: boolean;
  /** The rule that strikes these statements, counted. */
  strike(subject: FaultSubject): FaultRule | undefined;
  /** Throws RedshiftError when the cluster's databases are over their quota. */
  checkDisk(admin: pg.Pool): Promise<void>;
}

/** The part of the board that is about one cluster. */
export function endpointFaults(board: FaultBoard, cluster: string): EndpointFaults {
  return {
    get armed() {
      return board.isArmed(cluster);
    },
    get hasQuota() {
      return board.quotaOf(cluster) !== undefined;
    },
    get credentialsExpired() {
      return board.credentialsExpired;
    },
    strike: (subject) => board.strike(subject),
    checkDisk: async (admin) => {
      const bytes = board.quotaOf(cluster);
      if (bytes !== undefined) await checkDisk(admin, bytes);
    },
  };
}
