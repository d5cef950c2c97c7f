import { absent } from "./absent.ts";
import { autoscaling } from "./autoscaling.ts";
import { archive, backups } from "./backups.ts";
import { failures, slowness } from "./burn-rates.ts";
import type { AlertCases } from "./case.ts";
import { certificate } from "./certificate.ts";
import { availability, replication } from "./database.ts";
import { load, volumes } from "./database-load.ts";
import { garbageCollection } from "./garbage-collection.ts";
import { operators } from "./operators.ts";
import { blindness, budgets, delays, rates } from "./targets.ts";
import { tokens } from "./tokens.ts";
import { workloads } from "./workloads.ts";

/** The cases of every alert, by what the alerts are about. */
export const cases: Readonly<Record<string, AlertCases>> = {
  "failures that use up the error budget": failures,
  "slowness that uses up the error budget": slowness,
  "error rates": rates,
  "what is left of the error budget": budgets,
  latency: delays,
  "objectives that cannot be computed": blindness,
  workloads,
  autoscaling,
  "the database": availability,
  "its replication": replication,
  "its load": load,
  "its volumes": volumes,
  "its backups": backups,
  "its archived logs": archive,
  "garbage collection": garbageCollection,
  "the certificate": certificate,
  "the operators": operators,
  tokens,
  "absent exporters": absent,
};
