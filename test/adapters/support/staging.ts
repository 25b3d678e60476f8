import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { readKnownFiles } from '../../../src/adapters/redshift/ledger/known-files.js';
import type { LedgerKey } from '../../../src/adapters/redshift/ledger/ledger.js';
import { type StagedFile, stageTable } from '../../../src/adapters/redshift/stage/stage-table.js';
import { readPinnedFiles, writeManifest } from '../../../src/adapters/s3/copy-manifest.js';
import { findDifference } from '../../../src/adapters/s3/listing-difference.js';
import { findSourceFiles, leaveOut, listSourceFiles } from '../../../src/adapters/s3/source-files.js';
import type { CopyFacts, SourceListing } from '../../../src/domain/facts.js';
import type { OnChanged } from '../../../src/domain/input.js';
import type { TestWarehouse } from './test-warehouse.js';

/** How a load differs from one in full that takes every file. */
export interface StagingOptions {
  readonly incremental?: boolean;
  readonly onChanged?: OnChanged;
  readonly reload?: readonly string[];
  readonly exclude?: readonly string[];
  /** The error after which the files of `exclude` were left out. */
  readonly reason?: string;
  readonly maxErrors?: number;
  /** What happens between the COPY and the second look at the source. */
  readonly afterCopy?: () => Promise<unknown>;
  /** How long the load views of the session lag behind its COPY. */
  readonly viewLag?: string;
}

/** One staging table and the prefix that it is loaded from, by the product's own adapters. */
export class Staging {
  constructor(
    readonly warehouse: TestWarehouse,
    readonly schema: string,
    readonly table: string,
    readonly jsonpaths = 'auto',
  ) {}

  /** Prefix of the table's files. */
  get folder(): string {
    return `${this.schema}/${this.table}/`;
  }

  /** URL of one of them. */
  url(name: string): string {
    return `s3://${this.warehouse.bucket}/${this.folder}${name}`;
  }

  /** Puts a file of one JSON object a row. */
  async put(name: string, rows: readonly object[]): Promise<void> {
    await this.warehouse.put(`${this.folder}${name}`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  async remove(name: string): Promise<void> {
    const { bucket, adapters } = this.warehouse;
    await adapters.aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${this.folder}${name}` }));
  }

  async load(runId: string, options: StagingOptions = {}): Promise<CopyFacts> {
    return this.copy(runId, await this.list(runId, options), options);
  }

  /** Lists the prefix and pins what is to be loaded, as the activity listSource does. */
  async list(runId: string, options: StagingOptions = {}): Promise<SourceListing> {
    const { warehouse, table } = this;
    const { exclude = [], onChanged = 'fail', reload = [] } = options;
    const url = this.url('');
    const { s3 } = warehouse.adapters.aws;
    const known = await warehouse.inSession((session) => readKnownFiles(session, this));
    const chosen = leaveOut(await listSourceFiles({ s3, url, workspace: this.#workspace }), { exclude, url });
    if (!options.incremental) return this.#pin(runId, chosen);
    const found = findDifference({ ...chosen, known, table, url, onChanged, reload });
    return { ...(await this.#pin(runId, found)), difference: found.difference };
  }

  /** Loads what was listed, as the activity copyBatch does. */
  async copy(runId: string, listing: SourceListing, options: StagingOptions = {}): Promise<CopyFacts> {
    const { warehouse, schema, jsonpaths } = this;
    const { manifestUrl, difference } = listing;
    const { maxErrors = 0, reason = 'Left out by a person.', afterCopy } = options;
    const { s3 } = warehouse.adapters.aws;
    const { files, leftOut = [] } = await readPinnedFiles({ s3, manifestUrl });
    const relist = async () => {
      await afterCopy?.();
      return findSourceFiles({ s3, url: this.url(''), workspace: this.#workspace });
    };
    const pin = async (fewer: readonly StagedFile[]) => (await this.#pin(runId, { files: fewer })).manifestUrl;
    const { iamRole } = warehouse.settings;
    const format = { format: 'json', jsonpaths, compression: 'none', options: {} } as const;
    const request = {
      key: this.key(runId),
      copy: { manifestUrl, iamRole, ...format, maxErrors },
      files,
      relist,
      leftOut: leftOut.map((file) => ({ ...file, reason })),
      ...(difference === undefined ? {} : { increment: { ...difference, pin } }),
    };
    return warehouse.inSession(
      async (session) => {
        const sql = `set redshift_local.load_view_lag to '${options.viewLag ?? '0s'}'`;
        await session.run({ sql, action: 'Making the load views lag' });
        return stageTable(session, request);
      },
      { schema },
    );
  }

  key(runId: string): LedgerKey {
    return { workflowId: `load-${runId}`, runId, step: this.table, schema: this.schema, table: this.table };
  }

  /** One column of the table, sorted. */
  async column(expression = 'id'): Promise<readonly (string | null | undefined)[]> {
    const sql = `select ${expression} as found from ${this.table} order by 1`;
    return (await this.warehouse.query(sql, this.schema)).map((row) => row.found);
  }

  /** Rows of a table of the ledger about this table. */
  async ledger(table: string, columns: string, order = '1'): Promise<readonly object[]> {
    const rows = await this.warehouse.query(
      `select ${columns} from starshift.${table} where table_schema = '${this.schema}' and table_name = '${this.table}' order by ${order}`,
    );
    return rows.map((row) => ({ ...row }));
  }

  get #workspace(): string {
    return `s3://${this.warehouse.bucket}/.starshift/`;
  }

  #pin(runId: string, { files, leftOut = [] }: { files: readonly StagedFile[]; leftOut?: readonly StagedFile[] }) {
    const pinned = { compression: 'none', files, leftOut } as const;
    return writeManifest({
      ...{ s3: this.warehouse.adapters.aws.s3, workspace: this.#workspace, ...this.key(runId), pinned },
    });
  }
}
