import { compatibilityCatalog } from '../control/cluster/compatibility-catalog.js';
import { openSqlEndpoint } from '../control/cluster/sql-endpoint.js';
import { type ControlPlane, startControlPlane } from '../control/control-plane.js';
import { FaultBoard } from '../faults/fault-board.js';
import { ensureDefaultCluster } from './default-cluster.js';
import { portOf } from './ports.js';
import { checkReadyFile, readyReport, readyText, writeReadyFile } from './ready-report.js';
import type { Settings } from './settings.js';
import { ownKeys } from './signing-keys.js';
import { claimStateFolder } from './state-folder.js';

/** Where the parts of the program write to. */
export interface Output {
  /** The result: what the caller asked for. */
  print(text: string): void;
  /** Progress and what went wrong. */
  log(line: string): void;
}

/** Runs everything until `stop` resolves, then stops it in order. Throws SetupError for what the caller has to put right first. */
export async function serve(settings: Settings, output: Output, stop: Promise<string>): Promise<void> {
  if (settings.readyFile !== undefined) checkReadyFile(settings.readyFile);
  const folder = await claimStateFolder(settings.stateDir);
  try {
    const plane = await start(settings, output);
    try {
      await announce(settings, output, plane);
      output.log(`stopping: ${await stop}`);
    } finally {
      await plane.close();
    }
  } finally {
    folder.release();
  }
}

async function start(settings: Settings, output: Output): Promise<ControlPlane> {
  const { host, stateDir } = settings;
  const basePort = await portOf({ host, setting: '--port', wanted: settings.port, otherwise: 5439 });
  const port = await portOf({ host, setting: '--control-port', wanted: settings.controlPort, otherwise: 5500 });
  const keys = settings.keys ?? ownKeys(stateDir);
  const faults = settings.faults ? new FaultBoard() : undefined;
  if (faults !== undefined) output.log(`faults can be injected at http://${host}:${port}/faults`);
  return startControlPlane({
    stateDir,
    host,
    endpointAddress: settings.endpointAddress,
    port,
    basePort,
    account: { id: settings.accountId, region: settings.region },
    keys,
    delayFactor: settings.delayFactor,
    catalog: await compatibilityCatalog(),
    openEndpoint: openSqlEndpoint({
      host,
      keys,
      s3Endpoint: settings.s3Endpoint,
      log: output.log,
      ...(faults && { faults }),
    }),
    ...(faults && { faults }),
    log: output.log,
    ...(settings.runAs !== undefined && { runAs: settings.runAs }),
  });
}

async function announce(settings: Settings, output: Output, plane: ControlPlane): Promise<void> {
  const { context, port, caFile } = plane;
  const cluster = settings.defaultCluster ? await ensureDefaultCluster(context) : undefined;
  const report = readyReport(context, port, caFile);
  if (settings.readyFile !== undefined) writeReadyFile(settings.readyFile, report);
  if (settings.json) output.print(JSON.stringify(report));
  else {
    const madeUpKeys = settings.keys === undefined ? ownKeys(settings.stateDir) : undefined;
    output.print(readyText({ context, report, cluster, madeUpKeys }));
  }
}
