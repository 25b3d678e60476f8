import { setImmediate } from 'node:timers/promises';
import { RedshiftError } from '../redshift-error.js';
import { cancelledError } from './copy-error.js';
import { CopyTextBuffer } from './copy-text-buffer.js';
import type { LoadErrors } from './load-errors.js';
import type { LoadFault } from './load-fault.js';
import { type LoadedFile, timestampText } from './load-history.js';
import type { OpenObject } from './object-stream.js';
import type { RowEncoder } from './row-encoder.js';
import type { RowReader } from './row-reader.js';
import { s3Url } from './s3-location.js';

/** What a {@link RowLoad} works with. */
export interface RowLoadOptions {
  readonly objects: AsyncIterable<OpenObject>;
  readonly reader: RowReader;
  readonly encoder: RowEncoder;
  readonly errors: LoadErrors;
  /** The COPY fails once so many rows are rejected. */
  readonly errorLimit: number;
  readonly tableName: string;
  readonly formatName: string;
  readonly slices: number;
  readonly queryId: number;
  readonly signal: AbortSignal;
}

/** Reads the files of a COPY and turns them into COPY text, counting as it goes. */
export class RowLoad {
  rows = 0;
  bytes = 0;
  readonly files: LoadedFile[] = [];
  private readonly out = new CopyTextBuffer();

  constructor(private readonly options: RowLoadOptions) {}

  /**
   * The accepted rows in chunks of about 64 KiB. Throws RedshiftError when the error limit is reached or the client cancels;
   * between chunks the event loop runs.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    for await (const opened of this.options.objects) {
      const startTime = timestampText(new Date());
      const slice = this.files.length % this.options.slices;
      const rowsBefore = this.rows;
      const errorsBefore = this.options.errors.count;
      yield* this.file(opened, slice);
      const scanned = this.rows - rowsBefore + (this.options.errors.count - errorsBefore);
      this.record(opened, { slice, startTime, scanned });
    }
    if (this.out.length > 0) yield this.out.take();
  }

  private async *file(opened: OpenObject, slice: number): AsyncGenerator<Buffer> {
    const { reader, signal } = this.options;
    const fileName = s3Url(opened.object);
    reader.reset();
    for await (const piece of opened.pieces) {
      if (signal.aborted) throw cancelledError(signal.reason);
      reader.push(piece);
      await this.drain(fileName, slice);
      if (this.out.full) yield this.out.take();
      await setImmediate();
    }
    reader.end();
    await this.drain(fileName, slice);
  }

  /** Encodes every row that is complete. */
  private async drain(fileName: string, slice: number): Promise<void> {
    const { reader, encoder } = this.options;
    for (;;) {
      const event = reader.next();
      if (event === 'starved') return;
      const fault = event === 'fault' ? reader.fault : encoder.encode(reader.fields, this.out);
      if (fault === undefined) this.rows++;
      else await this.reject(fault, fileName, slice);
    }
  }

  private async reject(fault: LoadFault, fileName: string, slice: number): Promise<void> {
    const { errors, errorLimit, reader, tableName } = this.options;
    await errors.add({ fault, reader, fileName, slice });
    if (errors.count < errorLimit && fault.fatal !== true) return;
    throw new RedshiftError({
      sqlState: 'XX000',
      message: `Load into table '${tableName}' failed.  Check 'stl_load_errors' system table for details.`,
    });
  }

  private record(opened: OpenObject, facts: { slice: number; startTime: string; scanned: number }): void {
    this.bytes += opened.sizeBytes;
    this.files.push({
      slice: facts.slice,
      query_id: this.options.queryId,
      file_name: s3Url(opened.object),
      file_format: this.options.formatName,
      bytes_scanned: opened.sizeBytes,
      lines_scanned: facts.scanned,
      start_time: facts.startTime,
      end_time: timestampText(new Date()),
      file_etag: opened.etag,
      file_last_modified: opened.lastModified === undefined ? null : timestampText(opened.lastModified),
    });
  }
}
