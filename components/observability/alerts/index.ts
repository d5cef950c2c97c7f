import type { StackConfig } from "../../../config/index.ts";
import type { RuleGroup } from "../rule.ts";
import { absent } from "./absent.ts";
import { autoscaling } from "./autoscaling.ts";
import { backups } from "./backups.ts";
import { certificate } from "./certificate.ts";
import { database } from "./database.ts";
import { garbageCollection } from "./garbage-collection.ts";
import { operators } from "./operators.ts";
import { tokens } from "./tokens.ts";
import { volumes } from "./volumes.ts";
import { workloads } from "./workloads.ts";

/**
 * Every alert that no objective covers, in groups by domain. There is none for what the stack does not have, and none
 * that uses a metric nobody exports. What each means is in docs/alerts.md, what to do in docs/runbooks/<name>.md.
 */
export function alertGroups(config: StackConfig): RuleGroup[] {
  return [
    ...workloads(config),
    ...autoscaling(config),
    ...database(config),
    ...volumes(config),
    ...backups(config),
    ...garbageCollection(config),
    ...certificate(config),
    ...operators(config),
    ...tokens(config),
    ...absent(config),
  ];
}
