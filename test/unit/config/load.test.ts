import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { stringify } from "yaml";
import { ConfigError } from "../../../config/errors.ts";
import { stackConfig as programConfig } from "../../../config/index.ts";
import { loadStackConfig } from "../../../config/load.ts";
import { parseStackFile } from "../../../config/stack-file.ts";
import { record } from "../../../render/record.ts";
import {
  externalDatabase,
  image,
  least,
  providerSettings,
  raw,
  s3,
  stackConfig,
} from "../../support/settings.ts";

/** The mistakes that a configuration is refused for, by path. */
function mistakes(settings: Record<string, unknown>, secretKeys: string[] = []) {
  try {
    loadStackConfig(raw(settings, secretKeys), "Pulumi.test.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.mistakes.map((m) => [m.path, m]));
    throw error;
  }
  return {};
}

const message = (settings: Record<string, unknown>, secretKeys: string[] = []) => {
  try {
    loadStackConfig(raw(settings, secretKeys), "Pulumi.test.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("a valid configuration", () => {
  test("gets every default of the schema", () => {
    const config = stackConfig();
    expect(config.namespace).toBe("nix-cache");
    expect(config.deletionProtection).toBe(true);
    expect(config.api.scaling).toEqual({
      minReplicas: 2,
      maxReplicas: 10,
      cpuUtilization: 70,
      memoryUtilization: 80,
    });
    expect(config.garbageCollection).toMatchObject({ interval: "12h", defaultRetentionPeriod: "3 months" });
    expect(config.database.external?.sslMode).toBe("verify-full");
  });

  test("derives the endpoint and the allowed hosts from the host name", () => {
    const { server } = stackConfig({ hostname: "cache.example.org" });
    expect(server.apiEndpoint).toBe("https://cache.example.org/");
    expect(server.allowedHosts).toEqual(["cache.example.org"]);
  });

  test("has clients download from the API's endpoint, unless another one is given", () => {
    const own = stackConfig({ hostname: "cache.example.org" });
    expect(own.server.substituterEndpoint).toBe("https://cache.example.org/");
    const cdn = stackConfig({ server: { substituterEndpoint: "https://cdn.example.com/" } });
    expect(cdn.server.substituterEndpoint).toBe("https://cdn.example.com/");
  });

  test("cannot be changed by whoever gets it", () => {
    const config = stackConfig();
    expect(() => {
      (config.api.scaling as { minReplicas: number }).minReplicas = 0;
    }).toThrow(TypeError);
  });

  test("may stand beside keys of other namespaces", () => {
    const { values } = raw({ ...least });
    const config = loadStackConfig(
      { values: { ...values, "aws:region": "eu-central-1" }, secretKeys: [] },
      "x",
    );
    expect(config.hostname).toBe(least.hostname);
  });

  test("takes an image by commit and by digest", () => {
    const digest = `ghcr.io/zhaofengli/attic@sha256:${"a".repeat(64)}`;
    expect(stackConfig({ image }).image).toBe(image);
    expect(stackConfig({ image: digest }).image).toBe(digest);
    expect(stackConfig({ image: `registry.local:5000/attic:main@sha256:${"a".repeat(64)}` })).toBeDefined();
  });

  test.each([
    ["in UTC", "2026-11-20T10:30:00Z", "2026-11-20T10:30:00Z"],
    [
      "at an offset, to the microsecond",
      "2026-11-20T11:30:00.000025+01:00",
      "2026-11-20T11:30:00.000025+01:00",
    ],
    ["without quotes, as Pulumi hands it on", "2026-11-20 10:30:00 +0000 UTC", "2026-11-20T10:30:00Z"],
    ["without quotes at an offset", "2026-11-20 11:30:00.5 +0100 +0100", "2026-11-20T11:30:00.5+01:00"],
    [
      "without quotes at the machine's own offset",
      "2026-11-20 11:30:00 +0100 CET",
      "2026-11-20T11:30:00+01:00",
    ],
  ])("takes the moment to restore to %s", (_, targetTime, read) => {
    expect(restored(targetTime).database.cloudNativePg.restore?.targetTime).toBe(read);
  });
});

/** A stack whose database is restored to a moment. */
const restored = (targetTime: string) =>
  stackConfig(
    {
      database: { cloudNativePg: { restore: { from: "a", serverName: "b", targetTime } } },
      objectStore: withKeys,
    },
    ["objectStore"],
  );

const withKeys = s3({ credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" } });

describe("a mistake", () => {
  test("in one key does not hide those in others", () => {
    const found = mistakes({
      ...least,
      image: "ghcr.io/zhaofengli/attic:latest",
      api: {
        scaling: { minReplicas: 9, maxReplicas: 4, cpuUtilisation: 70 },
        resources: { limits: { cpu: "50m" } },
      },
      server: { compression: { type: "ztsd" }, chunking: { minSize: 100_000 } },
    });
    expect(Object.keys(found).sort()).toEqual([
      "attic:api.resources.limits.cpu",
      "attic:api.scaling.cpuUtilisation",
      "attic:image",
      "attic:server.chunking",
      "attic:server.compression.type",
    ]);
  });

  test("is told with the path, what was found, what is allowed and the nearest key", () => {
    expect(
      message({ ...least, api: { scaling: { minReplica: 2 } } }),
    ).toBe(`Pulumi.test.yaml: 1 mistake in the configuration

  attic:api.scaling.minReplica
    is not a key of attic:api.scaling; allowed: minReplicas, maxReplicas, cpuUtilization, memoryUtilization
    did you mean minReplicas?
`);
    expect(message({ ...least, server: { compression: { type: "ztd" } } })).toContain(`
    found:   "ztd"
    must be one of: none, zstd, brotli, xz
    did you mean zstd?`);
  });

  test("that leaves out what is required names every missing key", () => {
    expect(Object.keys(mistakes({})).sort()).toEqual([
      "attic:hostname",
      "attic:image",
      "attic:objectStore.aws",
      "attic:objectStore.region",
    ]);
  });

  test.each([
    ["a moving tag", { image: "ghcr.io/zhaofengli/attic:main" }, "attic:image"],
    ["a short commit", { image: "ghcr.io/zhaofengli/attic:b7c9056" }, "attic:image"],
    ["a URL for a host name", { hostname: "https://nix-cache.example.com" }, "attic:hostname"],
    ["a section that is a text", { api: "small" }, "attic:api"],
    [
      "an endpoint without a slash at its end",
      { server: { apiEndpoint: "https://a.example.com" } },
      "attic:server.apiEndpoint",
    ],
    [
      "a number for a span of time",
      { garbageCollection: { interval: 12 } },
      "attic:garbageCollection.interval",
    ],
    ["a span without a unit", { garbageCollection: { interval: "0" } }, "attic:garbageCollection.interval"],
    ["an empty list of audiences", { server: { jwt: { audiences: [] } } }, "attic:server.jwt.audiences"],
    [
      "the TLS mode on which the server panics",
      { database: externalDatabase({ ...least.database.external, sslMode: "verify-ca" as never }) },
      "attic:database.external.sslMode",
    ],
    [
      "a pause between two collections that the server takes for never",
      { garbageCollection: { interval: "0h 0s" } },
      "attic:garbageCollection.interval",
    ],
    [
      "an annotation's key with a blank in it",
      { operators: { traefik: { install: true, serviceAnnotations: { "load balancer": "x" } } } },
      "attic:operators.traefik.serviceAnnotations.load balancer",
    ],
    [
      "an authority that vouches for no endpoint's certificate",
      { objectStore: s3({ endpoint: "http://s3.example.com", caSecret: { name: "ca", key: "ca.crt" } }) },
      "attic:objectStore.s3.caSecret",
    ],
    ["a boolean in words", { deletionProtection: "yes" }, "attic:deletionProtection"],
  ])("is %s", (_, settings, path) => {
    expect(Object.keys(mistakes({ ...least, ...settings }))).toEqual([path]);
  });
});

test.each([
  "2026-11-20",
  "2026-11-20 10:30:00",
  "2026-02-31T10:30:00Z",
  "2026-02-31 10:30:00 +0000 UTC",
  "tomorrow",
])("%s is no moment to restore to", (targetTime) => {
  expect(() => restored(targetTime)).toThrow('must be a time such as "2026-11-20T10:30:00Z"');
});

describe("PostgreSQL's image", () => {
  const digest = `@sha256:${"a".repeat(64)}`;
  const refused = (image: string) =>
    Object.keys(mistakes({ ...least, database: { ...least.database, cloudNativePg: { image } } }));

  test.each([
    ["a tag", "ghcr.io/cloudnative-pg/postgresql:17.5-minimal-bookworm"],
    ["a tag and a digest", `registry.local:5000/postgresql:17.5${digest}`],
  ])("is taken with %s", (_, image) => {
    expect(refused(image)).toEqual([]);
  });

  test.each([
    ["a digest alone, in which the operator finds no version", `ghcr.io/cloudnative-pg/postgresql${digest}`],
    ["neither tag nor digest", "ghcr.io/cloudnative-pg/postgresql"],
    ["a port and no tag", "registry.local:5000/postgresql"],
    ["a moving tag", "ghcr.io/cloudnative-pg/postgresql:latest"],
  ])("is refused with %s", (_, image) => {
    expect(refused(image)).toEqual(["attic:database.cloudNativePg.image"]);
  });
});

test("the Kubernetes provider must be told to change ConfigMaps and Secrets in place", () => {
  const { values } = raw(least);
  const { "kubernetes:enableSecretMutable": _, ...without } = values;
  expect(() => loadStackConfig({ values: without, secretKeys: [] }, "x")).toThrow(
    /kubernetes:enableSecretMutable\n {4}must be true/,
  );
});

describe("a secret", () => {
  const database = externalDatabase({ password: "hunter2" });

  test("is taken when it was stored encrypted", () => {
    expect(stackConfig({ database }, ["database"]).database.external?.password).toBe("hunter2");
  });

  test("in plain text is refused, with the command that encrypts it", () => {
    expect(mistakes({ ...least, database })).toEqual({
      "attic:database.external.password": {
        path: "attic:database.external.password",
        problem:
          "is stored in plain text; set it with: pulumi config set --secret --path 'attic:database.external.password'",
      },
    });
  });

  describe("in plain text beside one that is encrypted, for which Pulumi calls their whole key secret,", () => {
    const { image, hostname } = least;
    const credentials = { accessKeyId: { secure: "AAABAIc=" }, secretAccessKey: "wJalrXUtnFEMI" };
    const text = stringify({
      config: {
        ...providerSettings,
        "attic:hostname": hostname,
        "attic:image": image,
        "attic:objectStore": s3({ credentials: credentials as never }),
      },
    });
    const refusal =
      /^Pulumi\.test\.yaml: 1 mistake in the configuration\n\n {2}attic:objectStore\.s3\.credentials\.secretAccessKey\n {4}is stored in plain text/;

    test("is refused by whatever reads the stack's file", () => {
      expect(() => loadStackConfig(parseStackFile(text), "Pulumi.test.yaml")).toThrow(refusal);
      const both = text.replace("wJalrXUtnFEMI", '{ secure: "AAABAIc=" }');
      expect(() => loadStackConfig(parseStackFile(both), "Pulumi.test.yaml")).not.toThrow();
    });

    test("is refused by the program, which runs beside the file", async () => {
      const { values, secretKeys } = parseStackFile(text);
      const run = () =>
        record(async () => ({ of: programConfig().namespace }), {
          stack: "test",
          config: { values, secretKeys },
        });
      expect((await run()).outputs).toEqual({ of: "nix-cache" });

      const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeFileSync(join(folder, "Pulumi.test.yaml"), text);
      const cwd = vi.spyOn(process, "cwd").mockReturnValue(folder);
      onTestFinished(() => cwd.mockRestore());
      await expect(run()).rejects.toThrow(refusal);
    });
  });

  test("is never printed, whatever is wrong beside it", () => {
    const both = { ...database.external, passwordSecret: { name: "a", key: "b" }, prot: 1 };
    const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI", extra: true };
    const text = message({ ...least, database: { external: both }, objectStore: s3({ credentials }) });
    expect(text).toContain("attic:database.external.prot");
    expect(text).not.toMatch(/hunter2|AKIAEXAMPLE|wJalrXUtnFEMI/);
  });
});
