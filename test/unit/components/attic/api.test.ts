import { describe, expect, test } from "vitest";
import { api } from "../../../../components/attic/api.ts";
import { environment, mounts } from "../../../../components/attic/environment.ts";
import { secretValues } from "../../../../components/attic/secrets.ts";
import { externalDatabase, image, s3, stackConfig } from "../../../support/settings.ts";

const password = { database: externalDatabase({ password: "hunter2" }) };
const keys = { objectStore: s3({ credentials: { accessKeyId: "AKIA", secretAccessKey: "wJalr" } }) };

describe("the API", () => {
  test("serves and does nothing else: it neither migrates nor collects garbage", () => {
    expect(api(stackConfig()).args).toEqual(["-f", "/etc/attic/server.toml", "--mode", "api-server"]);
  });

  test("is probed where it answers without a database, with a Host that it accepts", () => {
    const spec = api(
      stackConfig({ server: { allowedHosts: ["nix-cache.example.com", "attic.local.test"] } }),
    );
    for (const { path } of Object.values(spec.probes)) expect(path).toBe("/");
    expect(spec.probeHost).toBe("nix-cache.example.com");
  });

  test("may take a minute to start and is restarted after a minute and a half of silence", () => {
    const { startup, liveness } = api(stackConfig()).probes;
    expect(startup.periodSeconds * startup.failureThreshold).toBe(60);
    expect(liveness.periodSeconds * liveness.failureThreshold).toBe(90);
  });

  test("carries the commit of its image as its version", () => {
    expect(api(stackConfig()).identity.version).toBe(image.split(":")[1]);
  });
});

describe("the environment", () => {
  test("names the database in parts, so that no URL holds the password", () => {
    expect(environment(stackConfig(password, ["database"]))).toMatchObject({
      ATTIC_SERVER_DATABASE_URL: "postgresql://",
      PGHOST: "db.example.com",
      PGPORT: "5432",
      PGDATABASE: "attic",
      PGUSER: "attic",
      PGPASSWORD: { secret: "attic-secrets", key: "PGPASSWORD" },
      PGSSLMODE: "verify-full",
    });
  });

  test("takes the password from a Secret that exists, when one is named", () => {
    expect(environment(stackConfig()).PGPASSWORD).toEqual({ secret: "database", key: "password" });
  });

  test("gives the server the public key alone, never a key that can sign", () => {
    const names = Object.keys(environment(stackConfig()));
    expect(names).toContain("ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64");
    expect(names).not.toContain("ATTIC_SERVER_TOKEN_RS256_SECRET_BASE64");
    expect(names).not.toContain("ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64");
  });

  test("has access keys only where there is no role to assume", () => {
    expect(environment(stackConfig())).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    expect(environment(stackConfig(keys, ["objectStore"]))).toMatchObject({
      AWS_ACCESS_KEY_ID: { secret: "attic-secrets", key: "AWS_ACCESS_KEY_ID" },
      AWS_SECRET_ACCESS_KEY: { secret: "attic-secrets", key: "AWS_SECRET_ACCESS_KEY" },
    });
  });

  test("keeps compatible stores from being sent checksums that they refuse, and leaves AWS its own", () => {
    const endpoint = { objectStore: s3({ endpoint: "https://s3.example.com" }) };
    expect(environment(stackConfig(endpoint)).AWS_REQUEST_CHECKSUM_CALCULATION).toBe("when_required");
    expect(environment(stackConfig())).not.toHaveProperty("AWS_REQUEST_CHECKSUM_CALCULATION");
  });

  test("shows failures in the log but not every SQL statement, and no colours", () => {
    expect(environment(stackConfig())).toMatchObject({ RUST_LOG: "info,sqlx=warn", NO_COLOR: "1" });
  });
});

describe("the database's authority", () => {
  const caSecret = { name: "database-ca", key: "ca.crt" };
  const config = stackConfig({ database: externalDatabase({ password: "x", caSecret }) }, ["database"]);

  test("is mounted without its private key, and the server is told where", () => {
    const mount = mounts(config).find((m) => "secret" in m);
    expect(mount).toEqual({ path: "/etc/attic-database", secret: "database-ca", keys: ["ca.crt"] });
    expect(environment(config).PGSSLROOTCERT).toBe("/etc/attic-database/ca.crt");
  });

  test("is not asked for when the roots of the public authorities are enough", () => {
    expect(mounts(stackConfig()).some((m) => "secret" in m)).toBe(false);
    expect(environment(stackConfig())).not.toHaveProperty("PGSSLROOTCERT");
  });

  test("is mounted beside the configuration, not below it: a read-only volume takes no mount", () => {
    const paths = mounts(config).map(({ path }) => path);
    for (const path of paths) expect(paths.filter((other) => other.startsWith(`${path}/`))).toEqual([]);
  });
});

describe("the object store's authority", () => {
  const caSecret = { name: "object-store-ca", key: "ca.pem" };
  const config = stackConfig({ objectStore: s3({ endpoint: "https://s3.example.com", caSecret }) });

  test("is mounted without its private key, and is the one that the server trusts there", () => {
    const mount = mounts(config).find((m) => "secret" in m);
    expect(mount).toEqual({ path: "/etc/attic-object-store", secret: "object-store-ca", keys: ["ca.pem"] });
    expect(environment(config).SSL_CERT_FILE).toBe("/etc/attic-object-store/ca.pem");
  });

  test("is not asked for when the roots of the public authorities are enough: the image has those", () => {
    const without = stackConfig({ objectStore: s3({ endpoint: "https://s3.example.com" }) });
    expect(mounts(without).some((m) => "secret" in m)).toBe(false);
    expect(environment(without)).not.toHaveProperty("SSL_CERT_FILE");
  });
});

describe("a CloudNativePG cluster", () => {
  const config = stackConfig(
    { database: {}, objectStore: s3({ credentials: { accessKeyId: "a", secretAccessKey: "b" } }) },
    ["objectStore"],
  );

  test("is reached at its primary, with verified TLS, and the names of its operator", () => {
    expect(environment(config)).toMatchObject({
      PGHOST: "attic-pg-rw.nix-cache.svc",
      PGPASSWORD: { secret: "attic-pg-app", key: "password" },
      PGSSLMODE: "verify-full",
      PGSSLROOTCERT: "/etc/attic-database/ca.crt",
    });
    expect(mounts(config)).toContainEqual({
      path: "/etc/attic-database",
      secret: "attic-pg-ca",
      keys: ["ca.crt"],
    });
  });

  test("leaves its password in its own Secret", () => {
    expect(secretValues(config, "PUBLIC")).not.toHaveProperty("PGPASSWORD");
  });
});

describe("attic-secrets", () => {
  test("holds the public key, and nothing that another Secret has", () => {
    expect(secretValues(stackConfig(), "PUBLIC")).toEqual({
      ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64: "PUBLIC",
    });
  });

  test("holds the password and the access keys that are secrets of this stack", () => {
    expect(
      secretValues(stackConfig({ ...password, ...keys }, ["database", "objectStore"]), "PUBLIC"),
    ).toEqual({
      ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64: "PUBLIC",
      PGPASSWORD: "hunter2",
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_SECRET_ACCESS_KEY: "wJalr",
    });
  });
});
