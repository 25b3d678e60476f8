/** Path in the warehouse folder of the statement that gives a table's rows: all of them (`whole`), or those of the keys of new rows. */
export function statementFile({ table, whole }: { readonly table: string; readonly whole: boolean }): string {
  return `load/${table}${whole ? '' : '.incremental'}.sql`;
}
