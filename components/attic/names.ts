/** Names of the objects that a runbook, a dashboard or a person asks for: they are the stack's interface. */
export const names = {
  /** Deployment, Service, HorizontalPodAutoscaler, PodDisruptionBudget and ServiceAccount of the API. */
  api: "attic",
  /** Deployment or CronJob of the garbage collector. */
  collector: "attic-gc",
  /** Jobs that migrate the database, each with a suffix of its own. */
  migrations: "attic-migrate",
  /** CloudNativePG Cluster. */
  database: "attic-pg",
  /** ConfigMap with server.toml. */
  config: "attic-config",
  /** Secret with the public signing key, and the database's and object store's secrets where the stack has them. */
  secrets: "attic-secrets",
  /** Secret with the tokens for the cluster's own workloads. */
  tokens: "attic-ci-tokens",
} as const;

/** What everything of the stack is part of. */
export const partOf = "attic";
