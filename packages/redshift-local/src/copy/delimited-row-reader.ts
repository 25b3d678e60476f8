import { ByteWindow } from './byte-window.js';
import type { CopyCommand, CopyFormat } from './copy-command.js';
import { LoadErrorCode, type LoadFault } from './load-fault.js';
import { FieldKind, RowFields } from './row-fields.js';
import { MAX_ROW_BYTES, type RowEvent, type RowReader } from './row-reader.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NONE = -1;

/** How a {@link DelimitedRowReader} reads. */
export interface DelimitedRowReaderOptions {
  readonly command: Pick<CopyCommand, 'headerLines' | 'ignoreBlankLines' | 'fillRecord' | 'trimBlanks' | 'nullText'>;
  readonly format: Exclude<CopyFormat, { kind: 'json' }>;
  readonly columnCount: number;
}

/** Reads character-delimited and CSV files (DG "Data format parameters"). */
export class DelimitedRowReader implements RowReader {
  readonly fields: RowFields;
  fault: LoadFault | undefined;
  private readonly window = new ByteWindow();
  private readonly delimiter: number;
  /** CSV: the quote character. REMOVEQUOTES: both quotes, told apart by the first byte of the field. */
  private readonly csvQuote: number;
  private readonly removesQuotes: boolean;
  private readonly escapes: boolean;
  private readonly nullText: Buffer;
  private rowStart = 0;
  private rowEnd = 0;

  constructor(private readonly options: DelimitedRowReaderOptions) {
    const { format, columnCount, command } = options;
    this.fields = new RowFields(columnCount);
    this.delimiter = format.delimiter.charCodeAt(0);
    this.csvQuote = format.kind === 'csv' ? format.quote.charCodeAt(0) : NONE;
    this.removesQuotes = format.kind === 'delimited' && format.removeQuotes;
    this.escapes = format.kind === 'delimited' && format.escape;
    this.nullText = Buffer.from(command.nullText);
    this.reset();
  }

  reset(): void {
    this.window.reset(this.options.command.headerLines);
  }

  push(chunk: Buffer): void {
    this.window.push(chunk);
  }

  end(): void {
    this.window.end();
  }

  line(): number {
    return this.window.lineAt(this.rowStart);
  }

  rawLine(maxBytes: number): string {
    return this.window.bytes.toString('utf8', this.rowStart, Math.min(this.rowEnd, this.rowStart + maxBytes));
  }

  next(): RowEvent {
    const window = this.window;
    if (!window.ready) return 'starved';
    for (;;) {
      this.rowStart = window.position;
      if (this.rowStart >= window.bytes.length) return 'starved';
      const feed = this.rowEndFrom(this.rowStart);
      if (feed < 0 && !window.ended) return this.starve();
      this.rowEnd = feed < 0 ? window.bytes.length : feed;
      window.position = feed < 0 ? window.bytes.length : feed + 1;
      if (this.rowEnd > this.rowStart && window.bytes[this.rowEnd - 1] === CARRIAGE_RETURN) this.rowEnd--;
      if (this.rowEnd > this.rowStart || !this.options.command.ignoreBlankLines) return this.split();
    }
  }

  private starve(): RowEvent {
    const size = this.window.bytes.length - this.rowStart;
    if (size > MAX_ROW_BYTES) {
      this.rowEnd = this.window.bytes.length;
      return this.raise(LoadErrorCode.invalidLine, 'Row size exceeds the maximum of 4 MB.', true);
    }
    this.window.starve();
    return 'starved';
  }

  /** Offset of the line feed that ends the row, or -1: quoted and escaped ones do not. */
  private rowEndFrom(start: number): number {
    const { bytes } = this.window;
    if (this.csvQuote === NONE && !this.escapes) return bytes.indexOf(LINE_FEED, start);
    let quoted = false;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === this.csvQuote) quoted = !quoted;
      else if (byte === BACKSLASH && this.escapes) at++;
      else if (byte === LINE_FEED && !quoted) return at;
    }
    return NONE;
  }

  private split(): RowEvent {
    const { fields, options } = this;
    fields.reset();
    let column = 0;
    let at = this.rowStart;
    for (;;) {
      if (column >= options.columnCount) return this.raise(LoadErrorCode.extraColumns, 'Extra column(s) found');
      at = this.field(column++, at);
      if (at < 0) return 'fault';
      if (at >= this.rowEnd) break;
      at++;
      if (at === this.rowEnd && column < options.columnCount) {
        this.store(column++, at, at);
        break;
      }
      if (at === this.rowEnd) break;
    }
    if (column < options.columnCount && !options.command.fillRecord) {
      return this.raise(LoadErrorCode.delimiterNotFound, 'Delimiter not found');
    }
    return 'row';
  }

  /** Reads the field at `start`. Returns the offset of the delimiter behind it or the end of the row; -1 for a fault. */
  private field(column: number, start: number): number {
    const { bytes } = this.window;
    let opening = start;
    if (this.csvQuote !== NONE) while (bytes[opening] === SPACE && opening < this.rowEnd) opening++;
    const first = opening < this.rowEnd ? bytes[opening] : undefined;
    if (first !== undefined && first === this.csvQuote) return this.quoted(column, opening, first);
    if (this.removesQuotes && (first === 0x22 || first === 0x27)) return this.quoted(column, opening, first);
    let end = start;
    let escaped = false;
    for (; end < this.rowEnd && bytes[end] !== this.delimiter; end++) {
      if (this.escapes && bytes[end] === BACKSLASH) {
        escaped = true;
        end++;
      }
    }
    end = Math.min(end, this.rowEnd);
    if (escaped && !this.isNullText(bytes, start, end)) this.unescape(column, start, end, BACKSLASH);
    else this.store(column, start, end);
    return end;
  }

  private quoted(column: number, opening: number, quote: number): number {
    const { bytes } = this.window;
    let close = opening + 1;
    for (; close < this.rowEnd; close++) {
      if (this.escapes && bytes[close] === BACKSLASH) close++;
      else if (bytes[close] === quote) {
        if (this.csvQuote === NONE || bytes[close + 1] !== quote || close + 1 >= this.rowEnd) break;
        close++;
      }
    }
    if (close >= this.rowEnd) return this.misquoted('Invalid quote formatting for CSV');
    const marker = this.csvQuote === NONE ? BACKSLASH : quote;
    if (this.csvQuote !== NONE || this.escapes) this.unescape(column, opening + 1, close, marker);
    else this.store(column, opening + 1, close);
    let after = close + 1;
    while (after < this.rowEnd && bytes[after] === SPACE && this.delimiter !== SPACE) after++;
    return after >= this.rowEnd || bytes[after] === this.delimiter
      ? after
      : this.misquoted('Invalid quote formatting for CSV');
  }

  private misquoted(reason: string): number {
    this.raise(LoadErrorCode.delimiterNotFound, reason);
    return NONE;
  }

  /** Drops every `marker`, keeping the byte behind it: doubled quotes and backslash escapes alike. */
  private unescape(column: number, start: number, end: number, marker: number): void {
    const { bytes } = this.window;
    const target = this.fields.reserve(end - start);
    const from = this.fields.scratchStart;
    let to = from;
    for (let at = start; at < end; at++) {
      if (bytes[at] === marker && at + 1 < end) at++;
      target[to++] = bytes[at] as number;
    }
    this.fields.keep(to);
    this.fields.set(column, FieldKind.text, target, from, to);
  }

  private store(column: number, start: number, end: number): void {
    const { bytes } = this.window;
    let stop = end;
    if (this.options.command.trimBlanks) while (stop > start && bytes[stop - 1] === SPACE) stop--;
    const kind = this.isNullText(bytes, start, end) ? FieldKind.null : FieldKind.text;
    this.fields.set(column, kind, bytes, start, stop);
  }

  private isNullText(bytes: Buffer, start: number, end: number): boolean {
    const { nullText } = this;
    return end - start === nullText.length && bytes.compare(nullText, 0, nullText.length, start, end) === 0;
  }

  private raise(code: number, reason: string, fatal = false): RowEvent {
    this.fault = { code, reason, position: 0, fatal };
    return 'fault';
  }
}
