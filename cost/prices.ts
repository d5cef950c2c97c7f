import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const price = z.number().min(0);

const prices = z.strictObject({
  /** The day that the prices were taken. */
  asOf: z.string(),
  currency: z.string(),
  compute: z.strictObject({ coreHour: price, gibHour: price }),
  volumes: z.strictObject({ gibMonth: price }),
  objects: z.strictObject({
    standardGibMonth: price,
    infrequentGibMonth: price,
    per1000Writes: price,
    per1000Reads: price,
  }),
  loadBalancer: z.strictObject({ hour: price }),
  assume: z.strictObject({
    narGib: price,
    backupGib: price,
    infrequentShare: z.number().min(0).max(1),
    writes: price,
    reads: price,
    loadBalancerSharedBy: z.number().min(1),
  }),
});

/** Prices and assumptions; the comments in prices.yaml say what each is. */
export type Prices = z.output<typeof prices>;

/**
 * The prices of prices.yaml, with those of another file over them.
 * @throws Error that names the file and every key that is wrong in it
 */
export function readPrices(override?: string): Prices {
  const read = (file: string) => parse(readFileSync(file, "utf8")) as Tree;
  const own = read(join(import.meta.dirname, "prices.yaml"));
  const result = prices.safeParse(override ? merge(own, read(override)) : own);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${override ?? "prices.yaml"} has prices that cannot be used:\n${mistakes.join("\n")}`);
}

interface Tree {
  [key: string]: unknown;
}

function merge(under: Tree, over: Tree | null): Tree {
  const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;
  return Object.fromEntries(
    [...new Set([...Object.keys(under), ...Object.keys(over ?? {})])].map((key) => {
      const [low, high] = [under[key], over?.[key]];
      return [key, isTree(low) && isTree(high) ? merge(low, high) : (high ?? low)];
    }),
  );
}
