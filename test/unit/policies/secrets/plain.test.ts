import { describe, expect, test } from "vitest";
import { STACK_TYPE, type SubjectValues } from "../../../../policies/framework/subject.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { secretsMarked } from "../../../../policies/secrets/marked.ts";
import {
  noPlainOutputs,
  noPlainSecrets,
  noSecretsInPlainObjects,
} from "../../../../policies/secrets/plain.ts";
import { api, change } from "../fixtures.ts";
import { fields, judge, kubernetes, only, resource } from "../support.ts";

const PASSWORD_URL = "postgresql://attic:hunter2@db/attic";
const RANDOM = "q8ZtV1rXk3Jm9PbLw7Ys5Dn2Hc6Gf4Ta0";
const CONTAINER = "spec.template.spec.containers.0";
const FIELD = "spec.template.spec.containers[0]";

const configMap = (data: Record<string, unknown>, more: Partial<SubjectValues> = {}) =>
  kubernetes({ kind: "ConfigMap", data }, more);

const release = (values: Record<string, unknown>, secrets: string[] = []) =>
  resource("kubernetes:helm.sh/v3:Release", "db", { chart: "db", values }, { secrets: new Set(secrets) });

describe("plain secrets", () => {
  test("are none in a workload that refers to Secrets", () => {
    const env = [
      { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "attic-pg-app", key: "password" } } },
    ];
    expect(judge(noPlainSecrets, change(api(), { [`${CONTAINER}.env`]: env })).findings).toEqual([]);
  });

  test.each([
    ["a ConfigMap's text", configMap({ "server.toml": `url = "${PASSWORD_URL}"` }), ['data["server.toml"]']],
    ["a ConfigMap's key", configMap({ password: "hunter2" }), ["data.password"]],
    [
      "a ConfigMap's key in camelCase",
      configMap({ adminPassword: "hunter2", existingSecret: "attic", tokenTtl: "1h" }),
      ["data.adminPassword"],
    ],
    [
      "a value of a Helm release",
      release({ auth: { adminPassword: "hunter2hunter2", passwordSecretRef: "db", existingSecret: "db" } }),
      ["values.auth.adminPassword"],
    ],
    [
      "a database of a cloud",
      resource(
        "aws:rds/instance:Instance",
        "db",
        { username: "attic", password: "hunter2hunter2", manageMasterUserPassword: true },
        { secrets: new Set() },
      ),
      ["password"],
    ],
    [
      "an environment",
      change(api(), { [`${CONTAINER}.env`]: [{ name: "URL", value: PASSWORD_URL }] }),
      [`${FIELD}.env[0].value`],
    ],
    [
      "an environment, by the variable's name",
      change(api(), {
        [`${CONTAINER}.env`]: [
          { name: "A", value: "b" },
          { name: "PGPASSWORD", value: "hunter2" },
        ],
      }),
      [`${FIELD}.env[1].value`],
    ],
    [
      "an environment, by its look",
      change(api(), { [`${CONTAINER}.env`]: [{ name: "SALT", value: RANDOM }] }),
      [`${FIELD}.env[0].value`],
    ],
    [
      "an argument",
      change(api(), { [`${CONTAINER}.args`]: [`--url=${PASSWORD_URL}`] }),
      [`${FIELD}.args[0]`],
    ],
    [
      "an argument, by its look",
      change(api(), { [`${CONTAINER}.args`]: [`--salt=${RANDOM}`] }),
      [`${FIELD}.args[0]`],
    ],
    [
      "an annotation",
      kubernetes({ kind: "Service", metadata: { name: "attic", annotations: { "a/url": PASSWORD_URL } } }),
      ['metadata.annotations["a/url"]'],
    ],
    [
      "a Secret's annotation",
      kubernetes({ kind: "Secret", metadata: { name: "attic", annotations: { url: PASSWORD_URL } } }),
      ["metadata.annotations.url"],
    ],
    [
      "any other resource",
      resource("aws:iam/role:Role", "attic", { description: PASSWORD_URL }, { secrets: new Set() }),
      ["description"],
    ],
  ])("are found in %s", (_, subject, found) => {
    expect(fields(judge(noPlainSecrets, subject))).toEqual(found);
  });

  test("are told without being shown", () => {
    const told = JSON.stringify(judge(noPlainSecrets, configMap({ password: "hunter2", url: PASSWORD_URL })));
    expect(told).not.toContain("hunter2");
  });

  test("are none where Pulumi keeps them, nor in the data of a Secret", () => {
    const provider = { secretKey: PASSWORD_URL, nested: { deeper: [PASSWORD_URL] } };
    const hidden = new Set(["secretKey", "nested"]);
    expect(
      judge(noPlainSecrets, resource("pulumi:providers:aws", "p", provider, { secrets: hidden })).findings,
    ).toEqual([]);
    expect(
      judge(noPlainSecrets, release({ adminPassword: "hunter2hunter2" }, ["values.adminPassword"])).findings,
    ).toEqual([]);
    expect(
      judge(noPlainSecrets, kubernetes({ kind: "Secret", stringData: { url: PASSWORD_URL } })).findings,
    ).toEqual([]);
  });

  test("are not looked for where nobody knows what Pulumi keeps, but for objects that the cluster shows", () => {
    const properties = { url: PASSWORD_URL };
    expect(judge(noPlainSecrets, resource("random:index:X", "x", properties)).findings).toEqual([]);
    expect(judge(noPlainSecrets, configMap(properties)).findings).toHaveLength(1);
  });

  test("a token's name is none", () => {
    const rules = [{ record: "attic_token_expiry", labels: { token: "gitlab-main" } }];
    const rule = kubernetes({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      spec: { rules },
    });
    expect(judge(noPlainSecrets, rule).findings).toEqual([]);
    const objs = [{ ...rule.properties }];
    const group = resource("kubernetes:yaml/v2:ConfigGroup", "rules", { objs }, { secrets: new Set() });
    expect(judge(noPlainSecrets, group).findings).toEqual([]);
  });

  test("that are not known yet are none", () => {
    expect(judge(noPlainSecrets, configMap({ password: UNKNOWN })).findings).toEqual([]);
  });
});

describe("what Pulumi keeps secret", () => {
  test("is found in an object that everybody may read", () => {
    const shown = configMap({ url: UNKNOWN }, { secrets: new Set(["data.url"]) });
    expect(only(judge(noSecretsInPlainObjects, shown)).field).toBe("data.url");
  });

  test("belongs into a Secret, or to what is no object of the cluster", () => {
    const secrets = new Set(["stringData"]);
    expect(judge(noSecretsInPlainObjects, kubernetes({ kind: "Secret" }, { secrets })).findings).toEqual([]);
    expect(judge(noSecretsInPlainObjects, resource("a:b:C", "c", {}, { secrets })).findings).toEqual([]);
  });
});

describe("a Secret", () => {
  const secret = (values: Record<string, unknown>, secrets?: string[]) =>
    kubernetes({ kind: "Secret", ...values }, { secrets: secrets && new Set(secrets) });

  test.each([
    [
      "whose values are all marked",
      secret({ stringData: { a: "1", b: UNKNOWN } }, ["stringData.a", "stringData.b"]),
      [],
    ],
    ["that is marked as a whole", secret({ stringData: { a: "1" } }, ["stringData"]), []],
    ["that is marked, and not known yet", secret({ stringData: UNKNOWN }, ["stringData"]), []],
    ["with a plain value", secret({ stringData: { a: "1", b: "2" } }, ["stringData.a"]), ["stringData.b"]],
    ["with a plain value in base64", secret({ data: { a: "MQ==" } }, []), ["data.a"]],
  ])("%s", (_, subject, found) => {
    expect(fields(judge(secretsMarked, subject))).toEqual(found);
  });

  test("is left open where nobody knows what Pulumi keeps", () => {
    const { findings, open } = judge(secretsMarked, secret({ stringData: { a: "1" } }));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});

describe("an output", () => {
  const outputs = (values: Record<string, unknown>, secrets?: string[]) =>
    resource(STACK_TYPE, "attic-test", values, { secrets: secrets && new Set(secrets) });

  test.each([
    ["that is a secret", outputs({ tokens: { ci: { secret: PASSWORD_URL } } }, ["tokens"]), []],
    ["that everybody may know", outputs({ url: "https://nix-cache.example.com/" }, []), []],
    ["with a secret in it", outputs({ all: [{ url: PASSWORD_URL }] }, []), ["outputs.all[0].url"]],
    ["that is one by its name", outputs({ password: "hunter2" }, []), ["outputs.password"]],
    ["beside one that is a secret", outputs({ a: PASSWORD_URL, ab: PASSWORD_URL }, ["a"]), ["outputs.ab"]],
  ])("%s", (_, subject, found) => {
    expect(fields(judge(noPlainOutputs, subject))).toEqual(found);
  });

  test("is left open where nobody knows which ones are secret", () => {
    const { findings, open } = judge(noPlainOutputs, outputs({ tokens: PASSWORD_URL }));
    expect([findings.length, open.length]).toEqual([0, 1]);
  });
});
