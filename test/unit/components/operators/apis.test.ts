import { describe, expect, test } from "vitest";
import { expectedApis } from "../../../../components/operators/apis.ts";
import { s3, stackConfig } from "../../../support/settings.ts";

const keys = { objectStore: s3({ credentials: { accessKeyId: "a", secretAccessKey: "b" } }) };
const expected = (settings: Parameters<typeof stackConfig>[0]) =>
  expectedApis(stackConfig({ ...keys, ...settings }, ["objectStore"])).map(({ api }) => api);

describe("the APIs that the cluster must have", () => {
  test("are those of the database, its backups, the certificate and the routes", () => {
    expect(expected({ database: {} })).toEqual([
      "v1.postgresql.cnpg.io",
      "v1.barmancloud.cnpg.io",
      "v1.cert-manager.io",
      "v1alpha1.traefik.io",
    ]);
  });

  test("leave out what the stack does not use", () => {
    expect(expected({ ingress: { enabled: false } })).toEqual([]);
    const withoutBackups = { cloudNativePg: { backup: { enabled: false } } };
    expect(expected({ database: withoutBackups, ingress: { enabled: false } })).toEqual([
      "v1.postgresql.cnpg.io",
    ]);
  });

  test("leave out what the stack installs", () => {
    const install = { install: true };
    const operators = {
      cloudNativePg: install,
      barmanCloud: install,
      certManager: install,
      traefik: install,
    };
    expect(expected({ database: {}, operators })).toEqual([]);
  });

  test("include cert-manager for the Barman Cloud plugin, even without an ingress", () => {
    const operators = { barmanCloud: { install: true } };
    expect(expected({ database: {}, ingress: { enabled: false }, operators })).toContain(
      "v1.cert-manager.io",
    );
  });

  test("are looked up under a name that says what to do when one is missing", () => {
    const [first] = expectedApis(stackConfig({ ...keys, database: {} }, ["objectStore"]));
    expect(first?.lookUp).toBe(
      "the cluster has CloudNativePG, or else set attic:operators.cloudNativePg.install: true",
    );
  });
});
