import { describe, expect, test } from "vitest";
import { ConfigError } from "../../../config/errors.ts";
import { loadStackConfig } from "../../../config/load.ts";
import { externalDatabase, image, least, raw, s3, stackConfig } from "../../support/settings.ts";

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
});

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
    ["a boolean in words", { deletionProtection: "yes" }, "attic:deletionProtection"],
  ])("is %s", (_, settings, path) => {
    expect(Object.keys(mistakes({ ...least, ...settings }))).toEqual([path]);
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

  test("is never printed, whatever is wrong beside it", () => {
    const both = { ...database.external, passwordSecret: { name: "a", key: "b" }, prot: 1 };
    const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI", extra: true };
    const text = message({ ...least, database: { external: both }, objectStore: s3({ credentials }) });
    expect(text).toContain("attic:database.external.prot");
    expect(text).not.toMatch(/hunter2|AKIAEXAMPLE|wJalrXUtnFEMI/);
  });
});
