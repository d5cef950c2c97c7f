import { z } from "zod";
import { secondsOf } from "../humantime.ts";
import { humantime, keptFor } from "./primitives.ts";
import { amounts } from "./resources.ts";

const resources = z.strictObject({
  /**
   * What the scheduler reserves.
   * @default 50m CPU, 64Mi memory
   */
  requests: amounts("50m", "64Mi"),
  /**
   * What it may use at most.
   * @default 250m CPU, 256Mi memory
   */
  limits: amounts("250m", "256Mi"),
});

/** When and how unused objects are removed. */
export const garbageCollection = z.strictObject({
  /**
   * `deployment` runs a collector all the time, which starts over every `interval` and only warns of failures.
   * `cronJob` runs one by `schedule`, whose failure is a failed Job.
   * @default "deployment"
   */
  runAs: z.enum(["deployment", "cronJob"]).default("deployment"),
  /**
   * Time between two runs, with `runAs: deployment`. More than none, by which the server means never: the collector
   * would end as soon as it starts. `defaultRetentionPeriod: "0s"` keeps objects for ever.
   * @default "12h"
   */
  interval: humantime()
    .refine(
      (span) => secondsOf(span) > 0,
      'a span above 0; to keep objects for ever, set defaultRetentionPeriod: "0s" instead',
    )
    .default("12h"),
  /**
   * When it runs, with `runAs: cronJob`: cron with five fields, UTC.
   * @default "0 0,12 * * *"
   */
  schedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, 'five fields, minutes first: "0 0,12 * * *" is twice a day')
    .default("0 0,12 * * *"),
  /**
   * How long an object that nobody downloads is kept, in caches without a retention of their own; a day at least.
   * "0s" keeps everything for ever.
   * @default "3 months"
   */
  defaultRetentionPeriod: keptFor().default("3 months"),
  /** Requests and limits of the collector. */
  resources: resources.prefault({}),
});
