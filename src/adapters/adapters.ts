import { type AwsClients, createAwsClients, destroyAwsClients } from './aws/aws-clients.js';
import type { NotifyTargets } from './notification/notify-targets.js';
import type { SessionDefaults } from './redshift/session/session.js';
import type { TemporalRuns } from './temporal/temporal-runs.js';
import type { WarehouseFolders } from './warehouse/warehouse.js';
import { openWarehouseFolders } from './warehouse/warehouse-folder.js';

/** What the activities work with: the services and the settings that reach them. */
export interface Adapters {
  readonly warehouses: WarehouseFolders;
  readonly aws: AwsClients;
  /** Which runs are running. */
  readonly runs: TemporalRuns;
  readonly sessions: SessionDefaults;
  /** Looks up a password by the name of its environment variable. */
  readonly password: (name: string) => string | undefined;
  /** Beginnings of the names of secrets that inputs may refer to. */
  readonly secretPrefixes: readonly string[];
  readonly notify: NotifyTargets;
  /** Closes what is kept open between activities. */
  close(): void;
}

/** Settings of the worker that the adapters need; a part of its configuration. */
export interface AdapterSettings {
  readonly warehousesDir: string;
  /** PEM text. @default Amazon's roots */
  readonly redshiftCa: string | undefined;
  readonly s3PathStyle: boolean;
  readonly password: (name: string) => string | undefined;
  readonly secretPrefixes: readonly string[];
  /** @default nowhere */
  readonly notify?: NotifyTargets;
}

/** The adapters of one worker. Nothing is connected before the first use. */
export function createAdapters(settings: AdapterSettings, runs: TemporalRuns): Adapters {
  const aws = createAwsClients({ s3PathStyle: settings.s3PathStyle });
  return {
    warehouses: openWarehouseFolders(settings.warehousesDir),
    aws,
    runs,
    sessions: { ca: settings.redshiftCa },
    password: settings.password,
    secretPrefixes: settings.secretPrefixes,
    notify: settings.notify ?? {},
    close: () => destroyAwsClients(aws),
  };
}
