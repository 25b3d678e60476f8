import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DAY_MS, DAYS, type EventStream, MONTH_BEGIN } from './event-stream.js';

export interface WriteEventsRequest {
  readonly folder: string;
  readonly stream: EventStream;
  readonly filesPerDay: number;
  readonly gzip: boolean;
  readonly onEvents: (facts: { readonly events: number }) => void;
  readonly onBytes: (sizeBytes: number) => void;
  readonly onFile: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Lines are handed on in pieces of about this many characters. */
const PIECE_CHARS = 1_048_576;

/** Writes log_data/2018/11/, a day split into equal spans of time; a span without events has no file. */
export async function writeEvents(request: WriteEventsRequest): Promise<void> {
  const { folder, stream, filesPerDay, signal } = request;
  const logs = join(folder, 'log_data', '2018', '11');
  await mkdir(logs, { recursive: true });
  const spanMs = DAY_MS / filesPerDay;
  for (let span = 0; span < DAYS * filesPerDay; span += 1) {
    signal?.throwIfAborted();
    const until = MONTH_BEGIN + (span + 1) * spanMs;
    if ((stream.nextTs() ?? Infinity) >= until) continue;
    await writeFileUntil(request, join(logs, fileName(span, request)), until);
  }
}

async function writeFileUntil(
  { stream, gzip, onEvents, onBytes, onFile, signal }: WriteEventsRequest,
  path: string,
  until: number,
) {
  const counter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      onBytes(piece.length);
      done(null, piece);
    },
  });
  const lines = pieces(stream, until, onEvents);
  const file = createWriteStream(path);
  const options = signal === undefined ? {} : { signal };
  if (gzip) await pipeline(lines, createGzip(), counter, file, options);
  else await pipeline(lines, counter, file, options);
  onFile();
}

function* pieces(stream: EventStream, until: number, onEvents: WriteEventsRequest['onEvents']): Generator<Buffer> {
  let text = '';
  let events = 0;
  for (let ts = stream.nextTs(); ts !== undefined && ts < until; ts = stream.nextTs()) {
    text += `${stream.next()}\n`;
    events += 1;
    if (text.length < PIECE_CHARS) continue;
    yield Buffer.from(text, 'latin1');
    onEvents({ events });
    text = '';
    events = 0;
  }
  // The log is ASCII, so one byte a character.
  yield Buffer.from(text, 'latin1');
  onEvents({ events });
}

/** `2018-11-05-events.json`, or `2018-11-05-events-02.json` where a day has several files. */
function fileName(span: number, { filesPerDay, gzip }: WriteEventsRequest): string {
  const day = String(Math.floor(span / filesPerDay) + 1).padStart(2, '0');
  const part = String((span % filesPerDay) + 1).padStart(String(filesPerDay).length, '0');
  return `2018-11-${day}-events${filesPerDay === 1 ? '' : `-${part}`}.json${gzip ? '.gz' : ''}`;
}
