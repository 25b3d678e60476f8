import type { AwsKeys, S3Settings } from '../../copy/s3-settings.js';
import { endpointFaults } from '../../faults/endpoint-faults.js';
import { withExpiringRoles } from '../../faults/expired-credentials.js';
import type { FaultBoard } from '../../faults/fault-board.js';
import { startSqlFace } from '../../wire/sql-face.js';
import type { EndpointRequest } from '../control-plane.js';
import { s3Authorization } from '../iam/s3-authorization.js';
import { nodeType } from '../redshift/node-types.js';
import { choosePort } from './cluster-ports.js';
import type { SqlEndpoint } from './cluster-runtime.js';

/** How endpoints listen, and which S3 they use. */
export interface SqlEndpointOptions {
  readonly host: string;
  readonly keys: AwsKeys;
  /** Undefined: Amazon S3. */
  readonly s3Endpoint: string | undefined;
  /** Set when faults may be injected. */
  readonly faults?: FaultBoard;
  log(line: string): void;
}

/** Opens the SQL face of a cluster on its port, or on the next free one when somebody else has taken it. */
export function openSqlEndpoint(options: SqlEndpointOptions): (request: EndpointRequest) => Promise<SqlEndpoint> {
  return async (request) => {
    const { cluster, backend, tls, store } = request;
    const { faults } = options;
    const s3 = s3Settings(options, request);
    const others = Object.values(store.state.clusters).filter(({ identifier }) => identifier !== cluster.identifier);
    return startSqlFace({
      host: options.host,
      port: await choosePort(options.host, cluster.port, new Set(others.map(({ port }) => port))),
      tls: { key: tls.key, cert: tls.cert },
      // The default of new clusters since 2025-01-10.
      requireSsl: true,
      backend,
      clusterIdentifier: cluster.identifier,
      slices: nodeType(cluster.nodeType).slices * cluster.numberOfNodes,
      s3: faults === undefined ? s3 : withExpiringRoles(s3, faults),
      ...(faults && { faults: endpointFaults(faults, cluster.identifier) }),
      log: options.log,
    });
  };
}

function s3Settings(
  { s3Endpoint, keys }: SqlEndpointOptions,
  { account, store, cluster }: EndpointRequest,
): S3Settings {
  return {
    endpoint: s3Endpoint ?? `https://s3.${account.region}.amazonaws.com`,
    region: account.region,
    forcePathStyle: s3Endpoint !== undefined,
    authorize: s3Authorization({
      store,
      account,
      keys,
      cluster: () => store.state.clusters[cluster.identifier] ?? cluster,
    }),
  };
}
