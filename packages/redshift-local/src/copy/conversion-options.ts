/** How values are converted on their way into the columns; the COPY options of DG "Data conversion parameters". */
export interface ConversionOptions {
  readonly truncateColumns: boolean;
  readonly blanksAsNull: boolean;
  readonly emptyAsNull: boolean;
  /** ACCEPTINVCHARS: the byte that replaces invalid UTF-8; undefined rejects the row. */
  readonly invalidCharReplacement: number | undefined;
  readonly acceptAnyDate: boolean;
  /** ROUNDEC: round decimals instead of cutting them. */
  readonly roundDecimals: boolean;
  /** `auto`, `epochsecs`, `epochmillisecs` or a pattern; undefined is the default pattern. */
  readonly timeFormat: string | undefined;
  /** `auto` or a pattern; undefined is the default pattern. */
  readonly dateFormat: string | undefined;
}

/** COPY without any conversion option. */
export const DEFAULT_CONVERSION: ConversionOptions = {
  truncateColumns: false,
  blanksAsNull: false,
  emptyAsNull: false,
  invalidCharReplacement: undefined,
  acceptAnyDate: false,
  roundDecimals: false,
  timeFormat: undefined,
  dateFormat: undefined,
};
