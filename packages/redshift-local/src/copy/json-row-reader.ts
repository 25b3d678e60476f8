import { ByteWindow } from './byte-window.js';
import type { PathTree } from './json-path-tree.js';
import { INCOMPLETE, JsonScanner, NOT_AN_OBJECT } from './json-scanner.js';
import { invalidJson, LoadErrorCode, type LoadFault } from './load-fault.js';
import { FieldKind, RowFields } from './row-fields.js';
import { MAX_ROW_BYTES, type RowEvent, type RowReader } from './row-reader.js';

const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

function opensRow(byte: number | undefined): boolean {
  return byte === OPEN_BRACE || byte === OPEN_BRACKET;
}

/** How a {@link JsonRowReader} reads. */
export interface JsonRowReaderOptions {
  readonly tree: PathTree;
  readonly columnCount: number;
  /** IGNOREHEADER. */
  readonly headerLines: number;
}

/**
 * Reads concatenated JSON objects or arrays, with white space or nothing between them, pretty-printed or not.
 *
 * After broken JSON it goes on at the next line that starts with a brace or bracket (how Redshift finds its way back is not
 * documented: unsure). Characters between objects are one fault for each run of them.
 */
export class JsonRowReader implements RowReader {
  readonly fields: RowFields;
  fault: LoadFault | undefined;
  private readonly window = new ByteWindow();
  private readonly scanner: JsonScanner;
  private rowStart = 0;
  private rowEnd = 0;
  /** Looking for the start of a line that opens a row, after broken JSON. */
  private lost = false;

  constructor(private readonly options: JsonRowReaderOptions) {
    this.fields = new RowFields(options.columnCount);
    this.scanner = new JsonScanner(this.fields);
    this.reset();
  }

  reset(): void {
    this.window.reset(this.options.headerLines);
    this.lost = false;
  }

  push(chunk: Buffer): void {
    this.window.push(chunk);
  }

  end(): void {
    this.window.end();
  }

  line(): number {
    return this.window.lineAt(Math.max(this.rowStart, this.rowEnd - 1));
  }

  rawLine(maxBytes: number): string {
    const end = Math.min(this.rowEnd, this.rowStart + maxBytes);
    return this.window.bytes.toString('utf8', this.rowStart, end);
  }

  next(): RowEvent {
    const window = this.window;
    if (!window.ready) return 'starved';
    if (this.lost && !this.findRow()) return 'starved';
    const start = this.skipSpace(window.position);
    window.position = start;
    if (start >= window.bytes.length) return 'starved';
    this.rowStart = start;
    if (!opensRow(window.bytes[start])) return this.straySymbols(start);
    this.fields.reset();
    this.scanner.bytes = window.bytes;
    this.scanner.limit = window.bytes.length;
    const end = this.scanner.scan(start, this.options.tree.root);
    if (end === INCOMPLETE) return this.incomplete();
    if (end < 0) return this.broken();
    this.rowEnd = end;
    window.position = end;
    if (end - start > MAX_ROW_BYTES) return this.tooLarge();
    return this.checkPaths();
  }

  private incomplete(): RowEvent {
    const window = this.window;
    const size = window.bytes.length - this.rowStart;
    if (size > MAX_ROW_BYTES) {
      this.rowEnd = window.bytes.length;
      return this.tooLarge();
    }
    if (!window.ended) {
      window.starve();
      return 'starved';
    }
    this.rowEnd = window.bytes.length;
    window.position = window.bytes.length;
    return this.raise(invalidJson('The file ends within a JSON object.', size));
  }

  private broken(): RowEvent {
    const { errorAt, expected } = this.scanner;
    const feed = this.window.bytes.indexOf(LINE_FEED, errorAt);
    this.rowEnd = feed < 0 ? this.window.bytes.length : feed;
    // A row that was never closed breaks off at the start of the next one: that one is read as it stands.
    const opensNext = errorAt > this.rowStart && this.window.bytes[errorAt - 1] === LINE_FEED;
    if (opensNext && opensRow(this.window.bytes[errorAt])) {
      this.rowEnd = errorAt;
      this.window.position = errorAt;
    } else {
      this.lost = true;
      this.window.position = errorAt;
    }
    return this.raise(invalidJson(expected, errorAt - this.rowStart));
  }

  /** Moves to the next line that opens a row. False: not among the bytes at hand. */
  private findRow(): boolean {
    const window = this.window;
    let feed = window.bytes.indexOf(LINE_FEED, window.position);
    while (feed >= 0 && feed + 1 < window.bytes.length) {
      if (opensRow(window.bytes[feed + 1])) {
        window.position = feed + 1;
        this.lost = false;
        return true;
      }
      feed = window.bytes.indexOf(LINE_FEED, feed + 1);
    }
    window.position = feed >= 0 && !window.ended ? feed : window.bytes.length;
    return false;
  }

  private straySymbols(start: number): RowEvent {
    const { bytes } = this.window;
    let end = start + 1;
    while (end < bytes.length && !opensRow(bytes[end]) && bytes[end] !== LINE_FEED) end++;
    if (end >= bytes.length && !this.window.ended && end - start <= MAX_ROW_BYTES) {
      this.window.starve();
      return 'starved';
    }
    this.rowEnd = end;
    this.window.position = end;
    return this.raise(invalidJson('Expected a JSON object or array.', 0));
  }

  private tooLarge(): RowEvent {
    return this.raise({
      code: LoadErrorCode.invalidLine,
      reason: 'JSON object size exceeds the maximum of 4 MB.',
      position: MAX_ROW_BYTES,
      fatal: true,
    });
  }

  private checkPaths(): RowEvent {
    if (this.scanner.notAnObject || this.rootMismatch()) {
      return this.raise({ code: LoadErrorCode.invalidLine, reason: NOT_AN_OBJECT, position: 0 });
    }
    for (const column of this.options.tree.indexedColumns) {
      if (this.fields.kinds[column] !== FieldKind.missing) continue;
      const reason = 'Invalid JSONPath format: Not an array or index out of range.';
      return this.raise({ code: LoadErrorCode.invalidLine, reason, position: 0, column });
    }
    return 'row';
  }

  private rootMismatch(): boolean {
    return this.options.tree.root.members.size > 0 && this.window.bytes[this.rowStart] === OPEN_BRACKET;
  }

  private raise(fault: LoadFault): RowEvent {
    this.fault = fault;
    return 'fault';
  }

  private skipSpace(from: number): number {
    const { bytes } = this.window;
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (byte !== 0x20 && byte !== LINE_FEED && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    return at;
  }
}
