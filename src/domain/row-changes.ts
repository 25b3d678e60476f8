import type { StepProgress } from './progress.js';
import { grouped } from './step-titles.js';

/**
 * What an incremental step did to its table: `+100 ~20 -3` for inserted, updated and deleted rows, or `nothing new`. Undefined for a full load, whose rows
 * are all new.
 */
export function rowChanges(step: Pick<StepProgress, 'rows' | 'updatedRows' | 'deletedRows'>): string | undefined {
  const { rows = 0, updatedRows, deletedRows } = step;
  if (updatedRows === undefined && deletedRows === undefined) return undefined;
  if (rows === 0 && !deletedRows) return 'nothing new';
  const parts = [
    `+${grouped(rows - (updatedRows ?? 0))}`,
    ...(updatedRows === undefined ? [] : [`~${grouped(updatedRows)}`]),
    `-${grouped(deletedRows ?? 0)}`,
  ];
  return parts.join(' ');
}
