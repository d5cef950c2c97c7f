import { describe, expect, test } from "vitest";
import { expectedApis } from "../../../../components/operators/apis.ts";
import { s3, stackConfig } from "../../../support/settings.ts";

const monitoring = "v1.monitoring.coreos.com";
const quiet = { observability: { rules: { enabled: false }, monitors: { enabled: false } } };
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
      monitoring,
    ]);
  });

  test("leave out what the stack does not use", () => {
    expect(expected({ ...quiet, ingress: { enabled: false } })).toEqual([]);
    const withoutBackups = { cloudNativePg: { backup: { enabled: false } } };
    expect(expected({ ...quiet, database: withoutBackups, ingress: { enabled: false } })).toEqual([
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
    expect(expected({ ...quiet, database: {}, operators })).toEqual([]);
  });

  test("include cert-manager for the Barman Cloud plugin, even without an ingress", () => {
    const operators = { barmanCloud: { install: true } };
    expect(expected({ database: {}, ingress: { enabled: false }, operators })).toContain(
      "v1.cert-manager.io",
    );
  });

  test("include the Prometheus operator's for the database's monitor alone", () => {
    const database = { cloudNativePg: { backup: { enabled: false } } };
    const monitored = (enabled: boolean) => ({ ...quiet.observability, monitors: { enabled } });
    expect(expected({ ...quiet, database, observability: monitored(true) })).toContain(monitoring);
    expect(expected({ ...quiet, database, observability: monitored(false) })).not.toContain(monitoring);
  });

  test("are looked up under a name that says what to do when one is missing", () => {
    const [first] = expectedApis(stackConfig({ ...keys, database: {} }, ["objectStore"]));
    expect(first?.lookUp).toBe(
      "the cluster has CloudNativePG, or else set attic:operators.cloudNativePg.install: true",
    );
  });

  test("name every switch that is on, where the stack cannot install what is missing", () => {
    const lookUp = (settings: Parameters<typeof stackConfig>[0]) =>
      expectedApis(stackConfig({ ...keys, ...settings }, ["objectStore"])).find(
        ({ api }) => api === monitoring,
      )?.lookUp;
    expect(lookUp({})).toBe(
      "the cluster has the Prometheus operator, or else set attic:observability.rules.enabled: false",
    );
    const all = { operators: { traefik: { install: true } } };
    expect(lookUp(all)).toBe(
      "the cluster has the Prometheus operator, or else set attic:observability.rules.enabled: false and " +
        "attic:observability.monitors.enabled: false",
    );
    expect(lookUp({ ...all, observability: { monitors: { enabled: false } } })).not.toContain(
      "monitors.enabled",
    );
  });
});
