/** Connections that one Attic process opens at most: sqlx's default, which the server cannot change. */
export const connectionsPerProcess = 10;

/** Processes beside the API that may be connected at the same time: a garbage collector and a migration. */
const otherProcesses = 2;

/** Connections kept free for the database's own superuser, replication and monitoring. */
export const reservedConnections = 15;

/**
 * How many connections the stack needs at its largest: the autoscaler's maximum plus the pods that a rolling
 * update adds (a quarter, rounded up), the garbage collector, a migration, and what the database keeps for itself.
 */
export function connectionBudget(maxReplicas: number): number {
  const surge = Math.ceil(maxReplicas / 4);
  return (maxReplicas + surge + otherProcesses) * connectionsPerProcess + reservedConnections;
}
