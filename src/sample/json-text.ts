/** Everything that is not plain printable ASCII, and what JSON or the log's writer escapes. */
const NEEDS_ESCAPE_IN_LOG = /[^ -~]|["\\/]/;
const NEEDS_ESCAPE_IN_SONG = /[^ -~]|["\\]/;

/** A JSON string as the log's writer makes it: ASCII only, slashes escaped. */
export function logString(value: string | null): string {
  if (value === null) return 'null';
  if (!NEEDS_ESCAPE_IN_LOG.test(value)) return `"${value}"`;
  return asciiOnly(JSON.stringify(value)).replaceAll('/', '\\/');
}

/** A JSON string as the catalogue's writer makes it: ASCII only, slashes as they are. */
export function songString(value: string): string {
  return NEEDS_ESCAPE_IN_SONG.test(value) ? asciiOnly(JSON.stringify(value)) : `"${value}"`;
}

function asciiOnly(json: string): string {
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
