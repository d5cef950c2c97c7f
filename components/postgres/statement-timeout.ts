/**
 * How long a statement may run unless its session says otherwise: the server's `statement_timeout`. It ends a
 * runaway query before it holds one of the few connections for good.
 */
export const statementTimeout = "60s";

/**
 * Run once, when the database is made. Backups go through the superuser and wait in single statements: for a
 * checkpoint at their start (minutes) and for the last log to be archived at their end. barman does not lift the
 * limit itself and overrides PGOPTIONS, so the role has to. Nobody else is superuser: `attic` is not, and
 * `enableSuperuserAccess` is off.
 */
export const exemptSuperuser = "ALTER ROLE postgres SET statement_timeout = 0";

/**
 * The environment that gives a process's sessions a limit of their own; sqlx reads PGOPTIONS as libpq does.
 * Migrations need it (an index over a large table takes minutes), and so does garbage collection, which scans
 * whole tables. pg_dump, pg_rewind and autovacuum lift the limit themselves.
 * @param limit a PostgreSQL interval such as `15min`; `0` for none
 */
export function sessionStatementTimeout(limit: string): { PGOPTIONS: string } {
  return { PGOPTIONS: `-c statement_timeout=${limit}` };
}
