import type { StackConfig } from "../../config/index.ts";
import { type Identity, imageVersion } from "../kubernetes/labels.ts";
import type { WorkloadSpec } from "../kubernetes/workload.ts";
import { sessionStatementTimeout } from "../postgres/statement-timeout.ts";
import { environment, mounts } from "./environment.ts";
import { names, partOf } from "./names.ts";

/** What one Attic process does; the server runs as one of them at a time. */
export type Mode = "api-server" | "garbage-collector" | "garbage-collector-once" | "db-migrations";

/** The workloads of Attic by the role that each has. */
export type Role = "api" | "gc" | "migrations";

const nameOf: Record<Role, string> = { api: names.api, gc: names.collector, migrations: names.migrations };

/** Labels of one of Attic's workloads. */
export const identity = (role: Role, image: string): Identity => ({
  name: nameOf[role],
  component: role,
  partOf,
  version: imageVersion(image),
});

/**
 * What all of Attic's processes have in common: image, configuration file, environment and mounts. Every mode
 * reads the whole configuration and refuses to start without a database and a key.
 * @param statementTimeout how long its statements may run, where the database's own limit is too short
 */
export function process(
  config: StackConfig,
  role: Role,
  mode: Mode,
  statementTimeout?: string,
): Omit<WorkloadSpec, "resources" | "terminationGracePeriodSeconds"> {
  return {
    name: nameOf[role],
    namespace: config.namespace,
    identity: identity(role, config.image),
    image: config.image,
    imagePullSecrets: config.imagePullSecrets,
    args: ["-f", "/etc/attic/server.toml", "--mode", mode],
    env: {
      ...environment(config),
      // An external server has limits of its own, and a pooler in front of it may refuse the variable.
      ...(statementTimeout &&
        config.database.provider === "cloudNativePg" &&
        sessionStatementTimeout(statementTimeout)),
    },
    mounts: mounts(config),
  };
}
