import { z } from 'zod';

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,126}$/;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

const identifier = (what: string, example: string) =>
  z
    .string()
    .regex(
      IDENTIFIER,
      `is not the name of ${what}: lower-case letters, digits and underscores, for example ${example}`,
    );

const tableName = identifier('a table', 'songplays');
const columnName = identifier('a column', 'user_id');
const title = z.string().min(1, 'is empty; write a short sentence');

/** What a map that must not be empty says when it is. */
function filled<Schema extends z.ZodRecord>(schema: Schema, message: string) {
  return schema.refine((value) => Object.keys(value).length > 0, message);
}

const copyOptions = z
  .strictObject({
    emptyAsNull: z.boolean().optional().describe('EMPTYASNULL: an empty string loads as NULL'),
    blanksAsNull: z.boolean().optional().describe('BLANKSASNULL: a string of white space only loads as NULL'),
    truncateColumns: z
      .boolean()
      .optional()
      .describe('TRUNCATECOLUMNS: cuts values too long for their column, silently'),
    acceptInvalidChars: z
      .string()
      .length(1, 'is not one character; write for example "?"')
      .optional()
      .describe('ACCEPTINVCHARS: replaces each invalid byte with this character'),
    acceptAnyDate: z.boolean().optional().describe('ACCEPTANYDATE'),
    nullAs: z.string().optional().describe('NULL AS: this string loads as NULL'),
    timeFormat: z.string().min(1).optional().describe("TIMEFORMAT: 'auto', 'epochsecs', 'epochmillisecs' or a pattern"),
    dateFormat: z.string().min(1).optional().describe("DATEFORMAT: 'auto' or a pattern"),
    compUpdate: z.boolean().optional().describe('COMPUPDATE ON or OFF: choose encodings during the load'),
    statUpdate: z.boolean().optional().describe('STATUPDATE ON or OFF: refresh statistics after the load'),
  })
  .describe('Options of COPY by name; none is on unless it stands here');

const source = z.strictObject({
  prefix: z
    .string()
    .regex(/^[^/].*$/, 'is not a prefix relative to the source URL; write for example "log_data/"')
    .describe('Every object below it is loaded; relative to the source URL of a run'),
  format: z.enum(['json'], 'is not a format that can be staged; write json'),
  jsonpaths: z
    .string()
    .min(1)
    .default('auto')
    .describe('auto, auto ignorecase, or the key of a JSONPaths file relative to the source URL of a run'),
  compression: z
    .enum(['auto', 'none', 'gzip', 'bzip2', 'zstd'], 'is not auto, none, gzip, bzip2 or zstd')
    .default('auto')
    .describe('auto: by the names of the files (.gz, .bz2, .zst)'),
  options: copyOptions.default({}),
});

const table = z.strictObject({
  role: z.enum(['staging', 'fact', 'dimension'], 'is not a role; write staging, fact or dimension'),
  key: z
    .array(columnName)
    .min(1, 'names no column; write for example [user_id]')
    .describe('Columns that identify a row across loads'),
});

const step = z.union([
  z.strictObject({ copy: z.string().min(1).describe('Name of a source: COPY it into this table') }),
  z.strictObject({
    needs: z
      .array(tableName)
      .min(1, 'names no step; write for example [staging_events]')
      .describe('Steps that must be done before load/<table>.sql runs'),
  }),
]);

const sortkey = z.union([
  z.array(columnName).min(1, 'names no column; write for example [start_time]'),
  z.strictObject({
    interleaved: z.array(columnName).min(1, 'names no column; write for example [start_time, song_id]'),
  }),
]);

const attributes = z.strictObject({
  diststyle: z.enum(['auto', 'even', 'all', 'key'], 'is not a DISTSTYLE; write auto, even, all or key').optional(),
  distkey: columnName.optional(),
  sortkey: sortkey.optional().describe('[a, b] is a compound sort key, { interleaved: [a, b] } an interleaved one'),
});

const design = z.strictObject({
  title,
  tables: z
    .record(tableName, attributes)
    .describe('Distribution and sort attributes; a table that is not named is DISTSTYLE AUTO'),
});

const check = z.strictObject({
  title,
  severity: z.enum(['error', 'warning'], 'is not a severity; write error or warning').default('error'),
});

const chart = z.strictObject({
  kind: z.enum(['bar', 'line', 'heatmap', 'table'], 'is not a chart; write bar, line, heatmap or table'),
  x: columnName.optional(),
  y: z.array(columnName).min(1).optional(),
  series: columnName.optional(),
});

const question = z.strictObject({ title, chart });

/** Schema of warehouse.yaml; what one field alone cannot tell is checked by the functions of check-warehouse.ts. */
export const warehouseFile = z.strictObject({
  title,
  sources: filled(z.record(identifier('a source', 'events'), source), 'names no source; nothing could be loaded'),
  tables: filled(z.record(tableName, table), 'names no table').describe('In the order of creation'),
  load: filled(z.record(tableName, step), 'names no step').describe(
    'One step a table; the step is named after its table',
  ),
  defaultDesign: z.string().regex(NAME, 'is not the name of a design, for example by-song'),
  designs: filled(
    z.record(z.string().regex(NAME, 'is not the name of a design, for example by-song'), design),
    'names no design; write for example auto: { title: Redshift chooses, tables: {} }',
  ),
  checks: z.record(identifier('a check', 'users_key_unique'), check).default({}),
  questions: z.record(identifier('a question', 'peak_hours'), question).default({}),
});

export type WarehouseFile = z.output<typeof warehouseFile>;
export type TableAttributes = z.output<typeof attributes>;
export type CopyOptions = z.output<typeof copyOptions>;

/** JSON Schema of warehouse.yaml, for editors; kept in sql/warehouse.schema.json. */
export function warehouseJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(warehouseFile, { io: 'input' }), title: 'Starshift warehouse.yaml' };
}
