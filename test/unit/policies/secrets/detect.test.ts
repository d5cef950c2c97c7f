import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import jsonwebtoken from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { isRandom, secretIn, secretNamed } from "../../../../policies/secrets/detect.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const pem = (type: "pkcs1" | "pkcs8") => rsa.privateKey.export({ type, format: "pem" }).toString();
const jwt = jsonwebtoken.sign({ sub: "ci/main" }, pem("pkcs8"), {
  algorithm: "RS256",
  allowInsecureKeySizes: true,
});

describe("what nobody may know is recognized", () => {
  test.each([
    ["a private key, PKCS#1", pem("pkcs1"), "a private key"],
    ["a private key, PKCS#8, in a file of others", `# key\n${pem("pkcs8")}# end\n`, "a private key"],
    ["an OpenSSH key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "a private key"],
    ["a private key in base64", Buffer.from(pem("pkcs1")).toString("base64"), "a private key in base64"],
    ["a JWT", `token: ${jwt}`, "a JWT"],
    ["a JWT as a bearer", `Authorization: Bearer ${jwt}`, "a JWT"],
    ["a Nix signing key", `main:${randomBytes(64).toString("base64")}`, "a Nix signing key"],
    ["an AWS access key", "AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
    ["a GitLab token", "glpat-abcdefghijklmnopqrst", "a GitLab token"],
    ["a GitHub token", `ghp_${"a1B2".repeat(9)}`, "a GitHub token"],
    ["a Pulumi token", `pul-${"0f".repeat(20)}`, "a Pulumi token"],
    ["a URL with a password", "postgresql://attic:hunter2@db/attic", "a URL with a password"],
    ["a URL with nothing but a password", "redis://:hunter2@cache:6379", "a URL with a password"],
    [
      "a netrc",
      "machine cache.example.com login nix password hunter2hunter2",
      "a netrc entry with a password",
    ],
    ["an assignment", 'password = "correct-horse"', "a password"],
    ["an assignment in YAML", "db_password: correct-horse", "a password"],
    ["an argument", "--db-password=correct-horse", "a password"],
    ["a query", "https://example.com/?api_key=0123456789", "a password"],
    ["a secret access key", "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "a password"],
  ])("%s", (_, text, what) => {
    expect(secretIn(text)).toBe(what);
  });
});

describe("what everybody may know is not taken for a secret", () => {
  test.each([
    ["a public key", rsa.publicKey.export({ type: "spki", format: "pem" }).toString()],
    [
      "a public key in base64",
      Buffer.from(rsa.publicKey.export({ type: "spki", format: "pem" })).toString("base64"),
    ],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"],
    ["a Nix public key", `cache.example.com-1:${randomBytes(32).toString("base64")}`],
    ["an image", `ghcr.io/zhaofengli/attic@sha256:${"0123456789abcdef".repeat(4)}`],
    ["a URL", "https://nix-cache.example.com/_api/v1/"],
    ["a database without a password", "postgresql://attic@db.example.com:5432/attic"],
    ["a placeholder", "postgresql://attic:$(PGPASSWORD)@db/attic"],
    ["another placeholder", "postgresql://attic:<password>@db/attic"],
    ["a netrc to fill in", "machine cache.example.com login nix password TOKEN"],
    ["PostgreSQL's setting", "password_encryption = scram-sha-256"],
    ["a rule of pg_hba", "hostssl all all all scram-sha-256"],
    ["a reference", "passwordSecretRef: attic-pg-app"],
    ["a path", "password: /run/secrets/password"],
    ["a sentence", "The password is that of the role attic, made by the operator."],
    ["a rule of Traefik", "Host(`a.example.com`) && HeaderRegexp(`Authorization`, `eyJ`)"],
    ["an ARN", "arn:aws:iam::123456789012:role/attic/nix-cache"],
    ["a checksum", createHash("sha256").update("x").digest("hex")],
    ["a PromQL expression", 'sum(rate(traefik_router_requests_total{service="a@b", code=~"5.."}[5m]))'],
  ])("%s", (_, text) => {
    expect(secretIn(text)).toBeUndefined();
  });

  test("whatever hexadecimal digits there are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), (bytes) => {
        const digits = Buffer.from(bytes).toString("hex");
        expect([secretIn(digits), isRandom(digits)]).toEqual([undefined, false]);
      }),
    );
  });
});

test("whatever a token says, it is recognized, with anything around it", () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
  fc.assert(
    fc.property(claims, fc.uint8Array({ minLength: 32 }), fc.string(), (says, signature, around) => {
      const token = [
        part({ alg: "RS256", typ: "JWT" }),
        part(says),
        Buffer.from(signature).toString("base64url"),
      ];
      expect(secretIn(`${around} ${token.join(".")} ${around}`)).toBeDefined();
    }),
  );
});

describe("a name tells", () => {
  test.each([
    ["PGPASSWORD", "hunter2"],
    ["DB_PASSWORD", "hunter2"],
    ["client-secret", "s3cr3t"],
    ["ATTIC_TOKEN", "abc"],
    ["AWS_SECRET_ACCESS_KEY", "abc"],
    ["password", "hunter2"],
    ["adminPassword", "hunter2"],
    ["dbpassword", "hunter2"],
    ["masterUserPassword", "hunter2"],
    ["authToken", "abc"],
    ["privateKey", "abc"],
    ["openaiApiKey", "abc"],
    ["openaiAPIKey", "abc"],
    ["secretAccessKey", "abc"],
    ["secretKey", "abc"],
    ["secretString", "abc"],
    ["clientSecret", "abc"],
  ])("%s holds a secret", (name, text) => {
    expect(secretNamed(name, text)).toBeDefined();
  });

  test.each([
    ["PGPASSWORD_FILE", "/run/secret"],
    ["PGPASSWORD", ""],
    ["PGPASSWORD", "$(FROM_ELSEWHERE)"],
    ["PASSWORD", "/run/secrets/password"],
    ["TOKEN_TTL", "3600"],
    ["ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64", "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K"],
    ["secretName", "attic-tls"],
    ["RUST_LOG", "info"],
    ["tokens", "none"],
    ["passwordSecretRef", "attic-pg-app"],
    ["passwordSecret", "attic-pg-app"],
    ["existingSecret", "attic-secrets"],
    ["existing-secret", "attic-secrets"],
    ["existingPassword", "attic-secrets"],
    ["imagePullSecret", "registry"],
    ["adminPasswordKey", "password"],
    ["passwordFile", "keys/password"],
    ["authToken", "/run/secrets/token"],
    ["clientSecret", "$(CLIENT_SECRET)"],
    ["manageMasterUserPassword", "true"],
    ["tokenTtl", "1h"],
    ["publicKey", "abc"],
    ["monkey", "abc"],
    ["kmsKey", "abc"],
  ])("%s = %j does not", (name, text) => {
    expect(secretNamed(name, text)).toBeUndefined();
  });
});

describe("random characters", () => {
  test("are recognized in 32 random bytes, nearly always", () => {
    const found = Array.from({ length: 500 }, () => isRandom(randomBytes(32).toString("base64url")));
    expect(found.filter(Boolean).length).toBeGreaterThan(450);
  });

  test.each([
    "attic-pg-rw.nix-cache.svc",
    "/etc/attic-database/ca.crt",
    "info,sqlx=warn",
    "garbage-collector-once",
    "topology.kubernetes.io/zone",
    "AtticPostgresInstancesMissing",
    "ThisIsAVeryLongNameOfSomethingInCamelCase12",
  ])("are not seen in %s", (text) => {
    expect(isRandom(text)).toBe(false);
  });
});
