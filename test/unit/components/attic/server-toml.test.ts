import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { serverToml } from "../../../../components/attic/server-toml.ts";
import { externalDatabase, s3, stackConfig } from "../../../support/settings.ts";

const rendered = (...args: Parameters<typeof stackConfig>) => parse(serverToml(stackConfig(...args)));

describe("server.toml", () => {
  test("has every section that the server needs, and its four chunk sizes", () => {
    expect(rendered()).toEqual({
      listen: "[::]:8080",
      "allowed-hosts": ["nix-cache.example.com"],
      "api-endpoint": "https://nix-cache.example.com/",
      "soft-delete-caches": false,
      "require-proof-of-possession": true,
      "max-nar-info-size": 1_048_576,
      database: { heartbeat: false },
      storage: { type: "s3", region: "eu-central-1", bucket: "nix-cache" },
      chunking: { "nar-size-threshold": 65_536, "min-size": 16_384, "avg-size": 65_536, "max-size": 262_144 },
      compression: { type: "zstd" },
      "garbage-collection": { interval: "12h", "default-retention-period": "3 months" },
    });
  });

  test("takes what is configured", () => {
    const config = rendered({
      server: {
        listenAddress: "0.0.0.0",
        substituterEndpoint: "https://cdn.example.com/",
        compression: { type: "xz", level: 6 },
        jwt: { issuer: "https://gitlab.example.com", audiences: ["attic"] },
      },
      objectStore: { ...s3({ endpoint: "https://objectstore.example.com" }), region: "NYC1" },
    });
    expect(config).toMatchObject({
      listen: "0.0.0.0:8080",
      "substituter-endpoint": "https://cdn.example.com/",
      compression: { type: "xz", level: 6 },
      jwt: { "token-bound-issuer": "https://gitlab.example.com", "token-bound-audiences": ["attic"] },
      storage: { endpoint: "https://objectstore.example.com" },
    });
  });

  test("keeps its top-level keys before its tables, where TOML demands them", () => {
    const lines = serverToml(
      stackConfig({ server: { substituterEndpoint: "https://cdn.example.com/" } }),
    ).split("\n");
    const firstTable = lines.findIndex((line) => line.startsWith("["));
    expect(lines.findIndex((line) => line.startsWith("substituter-endpoint"))).toBeLessThan(firstTable);
  });

  test("names no signing key and no empty jwt table: the key comes by environment", () => {
    expect(rendered()).not.toHaveProperty("jwt");
    expect(rendered({ server: { jwt: { issuer: "x" } } })).not.toHaveProperty("jwt.signing");
  });

  test("holds no secret", () => {
    const text = serverToml(
      stackConfig(
        {
          database: externalDatabase({ password: "hunter2" }),
          objectStore: s3({ credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" } }),
        },
        ["database", "objectStore"],
      ),
    );
    expect(text).not.toMatch(/hunter2|AKIAEXAMPLE|wJalrXUtnFEMI|db\.example\.com/);
  });
});
