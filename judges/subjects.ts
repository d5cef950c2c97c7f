import { join } from "node:path";
import type { Settings } from "../config/schema/index.ts";
import { stackNames } from "../config/stack-file.ts";

/** What the judges are asked about. */
export interface Subject {
  /** For the names of tests. */
  subject: string;
  /** The stack file that it is made from. */
  stack: string;
  /** Settings that take the place of those in the file. */
  settings: Partial<Settings>;
}

/** Every stack of the repository, and what settings make that no stack uses. */
export const subjects: readonly Subject[] = [
  ...stackNames(join(import.meta.dirname, ".."))
    .sort()
    .map((stack) => ({ subject: stack, stack, settings: {} })),
  {
    subject: "production, its garbage collected by a CronJob",
    stack: "production",
    settings: { garbageCollection: { runAs: "cronJob", schedule: "0 3 * * *" } },
  },
  {
    subject: "production, on an external database and an S3-compatible store",
    stack: "production",
    settings: {
      database: {
        provider: "external",
        external: { host: "db.example.com", passwordSecret: { name: "database", key: "password" } },
      },
      objectStore: { provider: "s3", region: "eu-central-1" },
    },
  },
];
