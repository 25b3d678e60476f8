import type { WarehouseScope } from '../activities/activities.js';
import type { CreatedTables } from '../domain/facts.js';
import { count, STEP_IDS } from '../domain/step-titles.js';
import { activity } from './policies.js';
import type { Step } from './step.js';

export interface CreateOptions {
  readonly scope: WarehouseScope;
  readonly design: string;
  readonly recreate: boolean;
}

/** The step that creates the tables. Skipped, the run goes on with the tables that exist. */
export function createSteps({ scope, design, recreate }: CreateOptions): readonly Step[] {
  const title = `${recreate ? 'DROP AND CREATE' : 'CREATE'} TABLES of ${scope.warehouse} (design ${design})`;
  const work = async () => {
    const tables = await activity('createTables', title)({ ...scope, design, recreate });
    return { note: describe(tables) };
  };
  return [{ id: STEP_IDS.createTables, kind: 'create', title, needs: [], work }];
}

function describe({ created, existing, dropped }: CreatedTables): string {
  const parts = [
    ...(dropped.length > 0 ? [`${count(dropped.length, 'table')} dropped`] : []),
    `${count(created.length, 'table')} created`,
    ...(existing.length > 0 ? [`${existing.length} already there`] : []),
  ];
  return parts.join(', ');
}
