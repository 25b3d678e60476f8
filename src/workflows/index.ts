export { buildWarehouse } from './build-warehouse.js';
export { checkWarehouse } from './check-warehouse.js';
export { createTables } from './create-tables.js';
export { loadWarehouse } from './load-warehouse.js';
export { provisionWarehouse } from './provision-warehouse.js';
export { teardownWarehouse } from './teardown-warehouse.js';
