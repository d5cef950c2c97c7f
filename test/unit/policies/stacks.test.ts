import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Settings } from "../../../config/schema/index.ts";
import { readStackFile, stackNames } from "../../../config/stack-file.ts";
import program from "../../../index.ts";
import { LIVE_STACK } from "../../../live/stack/environment.ts";
import { policies } from "../../../policies/all.ts";
import { configure } from "../../../policies/framework/config.ts";
import { message } from "../../../policies/framework/message.ts";
import { levels } from "../../../policies/framework/policy.ts";
import { stackOf } from "../../../policies/framework/recording.ts";
import { review } from "../../../policies/framework/review.ts";
import { type Stack, type Subject, subject } from "../../../policies/framework/subject.ts";
import { UNKNOWN, unguarded } from "../../../policies/framework/unknown.ts";
import { stackSettings } from "../../../policies/stack-settings.ts";
import { record } from "../../../render/record.ts";
import { recordProgram } from "../../support/record.ts";
import { externalDatabase, s3 } from "../../support/settings.ts";

const project = join(import.meta.dirname, "../../..");
const now = new Date("2026-11-21T08:00:00Z");

/** Every stack that there is, as the renderer records it. */
async function recorded(stack: string): Promise<Stack> {
  return stackOf(await record(() => program(now), { stack, config: readStackFile(project, stack) }));
}

describe.each(stackNames(project).sort())("stack %s", (stack) => {
  test("has nothing that a policy is against, and every exception is needed", async () => {
    const settings = configure(policies, stackSettings(policies, stack));
    const { findings, unusedExceptions } = review(settings, await recorded(stack));
    expect(findings.map(message)).toEqual([]);
    expect(unusedExceptions).toEqual([]);
  });
});

// What production excepts, it gives a reason for, as every stack must.
test("in production no policy is weakened or switched off", () => {
  for (const { policy, level } of configure(policies, stackSettings(policies, "production"))) {
    expect([policy.name, levels.indexOf(level)]).toEqual([policy.name, levels.indexOf("mandatory")]);
  }
});

test("every file of settings is one of a stack, and a stack needs none", () => {
  const files = readdirSync(join(project, "policies/config")).map((file) => file.replace(/\.json$/, ""));
  const stacks = [...stackNames(project), LIVE_STACK];
  expect(files.filter((file) => !stacks.includes(file))).toEqual([]);
});

describe("whatever a stack sets, the program keeps to the policies", () => {
  const aws = {
    provider: "aws" as const,
    region: "eu-central-1",
    aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/A" },
  };
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
  };
  const install = { install: true };

  test.each<[string, Partial<Settings>, string[]?]>([
    ["with a database and buckets of its own", { database: {}, objectStore: aws }],
    ["with somebody else's database", {}],
    [
      "with a database's password",
      { database: externalDatabase({ password: "hunter2-hunter2" }) },
      ["database"],
    ],
    [
      "with buckets at an endpoint",
      {
        database: {},
        objectStore: s3({ endpoint: "https://s3.example.com", createBuckets: true, credentials }),
      },
      ["objectStore"],
    ],
    [
      "with a KMS key",
      {
        database: {},
        objectStore: {
          ...aws,
          aws: {
            ...aws.aws,
            kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012",
          },
        },
      },
    ],
    ["with a CronJob that collects garbage", { garbageCollection: { runAs: "cronJob" } }],
    ["without an ingress", { ingress: { enabled: false } }],
    ["behind a proxy", { ingress: { trustedProxyDepth: 1, trustedProxies: ["10.0.0.0/8"] } }],
    [
      "with operators that it installs",
      { operators: { cloudNativePg: install, barmanCloud: install, certManager: install, traefik: install } },
    ],
    [
      "with many replicas",
      { database: {}, objectStore: aws, api: { scaling: { minReplicas: 5, maxReplicas: 20 } } },
    ],
    [
      "with ranges of its own",
      {
        network: {
          objectStore: ["203.0.113.0/24"],
          apiServer: ["10.96.0.1/32"],
          database: ["10.0.20.0/24"],
          denied: [],
        },
      },
    ],
    ["whose signing key is replaced", { tokens: { signingKey: { generation: 2, protected: false } } }],
    [
      "with tokens, one of them refused",
      {
        tokens: {
          ci: { main: { caches: { main: ["pull", "push"] } } },
          root: { admin: { caches: { "*": ["pull", "push", "destroyCache"] } } },
          revoked: [{ token: "main", generation: 1, reason: "printed by a job" }],
        },
      },
    ],
  ])("%s", async (_, settings, secretKeys = []) => {
    for (const preview of [true, false]) {
      const recording = await recordProgram(settings, { preview, secretKeys });
      const { findings } = review(configure(policies), stackOf(recording));
      expect(findings.map(message)).toEqual([]);
    }
  });

  test.each<[string, Partial<Settings>, string[]]>([
    ["no NetworkPolicies", { network: { enabled: false } }, ["default-deny"]],
    ["no backups", { database: { cloudNativePg: { backup: { enabled: false } } } }, ["database-backups"]],
    ["a single pod", { api: { scaling: { minReplicas: 1 } } }, ["autoscaler-bounds"]],
    [
      "no protection",
      { deletionProtection: false, objectStore: aws },
      ["irreplaceable-protected", "no-destruction"],
    ],
    ["metadata in reach", { network: { denied: [] } }, ["no-metadata-egress"]],
  ])("but %s are told: that is what the policies are for", async (_, settings, names) => {
    const { findings } = review(configure(policies), stackOf(await recordProgram(settings)));
    expect([...new Set(findings.map(({ policy }) => policy))]).toEqual(names);
  });
});

describe("values that are not known yet", () => {
  test("never make a policy fail, and never raise a false alarm", async () => {
    const { resources } = await recorded("production");
    const settings = configure(policies, stackSettings(policies, "production"));
    const places = resources.flatMap(({ properties }, index) =>
      [...paths(unguarded(properties), [])].map((path) => ({ index, path })),
    );
    fc.assert(
      fc.property(fc.subarray(places, { minLength: 1, maxLength: 4 }), (hidden) => {
        const changed = resources.map((each, index) =>
          hide(
            each,
            hidden.filter((place) => place.index === index).map(({ path }) => path),
          ),
        );
        expect(review(settings, { resources: changed }).findings.map(message)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  /** Paths of everything in a value that could be unknown. */
  function* paths(value: unknown, path: string[]): Generator<string[]> {
    if (path.length > 0) yield path;
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) yield* paths(child, [...path, key]);
  }

  function hide(from: Subject, hidden: string[][]): Subject {
    if (hidden.length === 0) return from;
    const properties = hidden.reduce(without, unguarded(from.properties)) as Record<string, unknown>;
    return subject({ ...from, properties });
  }

  function without(value: unknown, [key, ...rest]: string[]): unknown {
    if (key === undefined) return UNKNOWN;
    if (typeof value !== "object" || value === null) return value;
    const child = without((value as Record<string, unknown>)[key], rest);
    return Array.isArray(value) ? value.with(Number(key), child) : { ...value, [key]: child };
  }
});
