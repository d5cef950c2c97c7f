import type { StackConfig } from "../config/index.ts";
import { bytes, millicores } from "../config/quantity.ts";
import type { Prices } from "./prices.ts";

/** A month's price. */
export interface Price {
  /** When the autoscaler keeps to its minimum. */
  low: number;
  /** At its maximum. */
  high: number;
}

/** One row of the estimate. */
export interface CostRow extends Price {
  /** The same for every stack. */
  id: "api" | "collector" | "database" | "volumes" | "nars" | "requests" | "backups" | "loadBalancer";
  /** What costs. */
  component: string;
  /** How much of it, in words. */
  specification: string;
}

/** What a stack costs in a month. */
export interface Estimate {
  rows: CostRow[];
  total: Price;
  /** What the stack has and nobody here can price. */
  notPriced: string[];
}

/** As cloud providers count a month. */
const hoursOfMonth = 730;
const gib = 2 ** 30;

/**
 * Estimates a month of a stack from its own configuration. Pods are priced by what they request, since that is
 * what nodes are bought for.
 */
export function estimate(config: StackConfig, prices: Prices): Estimate {
  const rows = [
    api(config, prices),
    collector(config, prices),
    ...database(config, prices),
    ...objects(config, prices),
    ...loadBalancer(config, prices),
  ];
  const sum = (pick: (row: CostRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  return {
    rows,
    total: { low: cents(sum(({ low }) => low)), high: cents(sum(({ high }) => high)) },
    notPriced: notPriced(config),
  };
}

interface Requests {
  cpu: string;
  memory: string;
}

function pod({ cpu, memory }: Requests, { compute }: Prices): number {
  const hour = (millicores(cpu) / 1000) * compute.coreHour + (bytes(memory) / gib) * compute.gibHour;
  return hour * hoursOfMonth;
}

const requested = ({ cpu, memory }: Requests) => `${cpu} CPU, ${memory} each`;
const cents = (cost: number) => Math.round(cost * 100) / 100;
const fixed = (id: CostRow["id"], component: string, specification: string, cost: number): CostRow => ({
  id,
  component,
  specification,
  low: cents(cost),
  high: cents(cost),
});

function api({ api: { scaling, resources } }: StackConfig, prices: Prices): CostRow {
  const one = pod(resources.requests, prices);
  return {
    id: "api",
    component: `API, ${scaling.minReplicas} to ${scaling.maxReplicas} pods`,
    specification: requested(resources.requests),
    low: cents(one * scaling.minReplicas),
    high: cents(one * scaling.maxReplicas),
  };
}

function collector({ garbageCollection: { runAs, resources } }: StackConfig, prices: Prices): CostRow {
  // A CronJob's pod runs for minutes twice a day: next to nothing, but what it requests must be free.
  const share = runAs === "cronJob" ? 1 / 24 : 1;
  const when = runAs === "cronJob" ? ", an hour a day" : "";
  return fixed(
    "collector",
    "Garbage collector, 1 pod",
    `${requested(resources.requests)}${when}`,
    pod(resources.requests, prices) * share,
  );
}

function database({ database: { provider, cloudNativePg } }: StackConfig, prices: Prices): CostRow[] {
  if (provider !== "cloudNativePg") return [];
  const { instances, resources, storage } = cloudNativePg;
  const size = bytes(storage.size) / gib;
  return [
    fixed(
      "database",
      `PostgreSQL, ${instances} instances`,
      requested(resources.requests),
      pod(resources.requests, prices) * instances,
    ),
    fixed(
      "volumes",
      "PostgreSQL volumes",
      `${instances} × ${storage.size}`,
      size * instances * prices.volumes.gibMonth,
    ),
  ];
}

function objects({ objectStore, database }: StackConfig, { objects, assume }: Prices): CostRow[] {
  const moves = objectStore.provider === "aws" && objectStore.infrequentAccessAfterDays > 0;
  const share = moves ? assume.infrequentShare : 0;
  const mean = objects.standardGibMonth * (1 - share) + objects.infrequentGibMonth * share;
  const requests = (assume.writes * objects.per1000Writes + assume.reads * objects.per1000Reads) / 1000;
  const backed = database.provider === "cloudNativePg" && database.cloudNativePg.backup.enabled;
  return [
    fixed(
      "nars",
      "Object storage, NARs",
      `${assume.narGib} GiB${share > 0 ? `, ${Math.round(share * 100)} % of it infrequently read` : ""}`,
      assume.narGib * mean,
    ),
    fixed(
      "requests",
      "Object storage, requests",
      `${millions(assume.writes)} writes, ${millions(assume.reads)} reads`,
      requests,
    ),
    ...(backed
      ? [
          fixed(
            "backups",
            "Object storage, backups",
            `${assume.backupGib} GiB, kept ${database.cloudNativePg.backup.retention}`,
            assume.backupGib * objects.standardGibMonth,
          ),
        ]
      : []),
  ];
}

const millions = (count: number) => `${count / 1_000_000} M`;

function loadBalancer({ ingress }: StackConfig, { loadBalancer, assume }: Prices): CostRow[] {
  if (!ingress.enabled) return [];
  const { loadBalancerSharedBy: by } = assume;
  const cost = (loadBalancer.hour * hoursOfMonth) / by;
  return [fixed("loadBalancer", "Load balancer", by > 1 ? `shared by ${by} services` : "its own", cost)];
}

function notPriced({ database, objectStore }: StackConfig): string[] {
  return [
    ...(database.provider === "external" ? ["the database, which is not the stack's"] : []),
    ...(objectStore.provider === "s3" && objectStore.s3?.endpoint
      ? [`${objectStore.s3.endpoint}: its storage and requests are shown at AWS' prices`]
      : []),
    "traffic to clients outside the cloud, nodes that are not full, taxes",
  ];
}

/** A row whose price, at the least or at the most, differs between two estimates. */
export interface CostChange {
  component: string;
  before: Price;
  after: Price;
}

/** What differs between two estimates; what is in one of them alone costs nothing in the other. */
export function difference(before: Estimate, after: Estimate): CostChange[] {
  const rows = new Map([...before.rows, ...after.rows].map((row) => [row.id, row]));
  const price = ({ rows }: Estimate, id: CostRow["id"]): Price => {
    const { low, high } = rows.find((row) => row.id === id) ?? { low: 0, high: 0 };
    return { low, high };
  };
  return [...rows.values()]
    .map(({ id, component }) => ({ component, before: price(before, id), after: price(after, id) }))
    .filter(({ before, after }) => before.low !== after.low || before.high !== after.high);
}
