import { describe, expect, test } from "vitest";
import { retentionSeconds } from "../../../../../components/observability/alerts/backups.ts";
import type { Settings } from "../../../../../config/schema/index.ts";
import { selectors } from "../../../../support/promql.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { databaseConfig } from "../../postgres/settings.ts";
import { alertOf, alertsOf, everyOperator, everyToken, namesOf } from "./settings.ts";

/** The names of a stack's alerts that begin so. */
const named = (start: string | RegExp, config: Parameters<typeof namesOf>[0]) =>
  namesOf(config).filter((name) =>
    name.match(new RegExp(`^Attic(${start instanceof RegExp ? start.source : start})`)),
  );

/** The exporters whose absence a stack notices. */
const witnessed = (config: Parameters<typeof namesOf>[0]) =>
  alertsOf(config).flatMap(({ alert, labels }) => (alert === "AtticMetricsAbsent" ? [labels?.exporter] : []));

describe("a stack with an external database", () => {
  test("has no alert on a database or its backups, and none that reads their metrics", () => {
    const config = stackConfig();
    expect(named(/Postgres|Backup|Wal|Recovery|Volume/, config)).toEqual([]);
    const metrics = alertsOf(config).flatMap(({ expr }) => selectors(expr).map(({ metric }) => metric));
    expect(metrics.filter((name) => /^(cnpg|barman|kubelet)_/.test(name))).toEqual([]);
    expect(witnessed(config)).toEqual(["kube-state-metrics", "cert-manager"]);
  });
});

describe("the database's alerts", () => {
  test("compare with the number of instances that is declared", () => {
    expect(alertOf(databaseConfig({ instances: 5 }), "AtticPostgresInstancesMissing").expr).toContain("< 5");
  });

  test("are about replicas only if there are any", () => {
    const replicas = /Postgres(NoReplica|Replica|PrimaryChanges)/;
    expect(named(replicas, databaseConfig({ instances: 2 }))).toHaveLength(4);
    expect(named(replicas, databaseConfig({ instances: 1 }))).toEqual([]);
  });

  test("do not take another Cluster of the namespace, or a Job's pod, for an instance", () => {
    const [{ matchers } = { matchers: [] }] = selectors(
      alertOf(databaseConfig(), "AtticPostgresReplicationLag").expr,
    );
    const pod = new RegExp(`^(?:${matchers.find(({ label }) => label === "pod")?.value})$`);
    for (const name of ["attic-pg-1", "attic-pg-12"]) expect(name).toMatch(pod);
    for (const name of ["attic-pg-2-1", "attic-pg-1-join-abcde", "attic-1", "other-attic-pg-1"]) {
      expect(name).not.toMatch(pod);
    }
  });

  test("look at the database that Attic uses", () => {
    const config = databaseConfig({}, { database: { provider: "cloudNativePg", name: "nix" } });
    expect(alertOf(config, "AtticPostgresDeadlocks").expr).toContain('datname="nix"');
  });

  test("count connections as the limit does: without those of replicas", () => {
    expect(alertOf(databaseConfig(), "AtticPostgresConnectionsHigh").expr).toContain(
      'usename!="streaming_replica"',
    );
  });
});

describe("the backups' alerts", () => {
  test("are not there without backups, nor is anybody missed who would export them", () => {
    const config = databaseConfig({ backup: { enabled: false } });
    expect(named(/Backup|Wal|Recovery/, config)).toEqual([]);
    expect(witnessed(config)).not.toContain("barman-cloud");
  });

  test.each([
    ["0 0 0 * * *", 30],
    ["0 0 0,12 * * *", 18],
    ["0 0 3 * * 0", 7 * 24 + 6],
  ])("allow a backup by the schedule %s to be %i hours old", (schedule, hours) => {
    const { expr } = alertOf(databaseConfig({ backup: { schedule } }), "AtticBackupTooOld");
    expect(expr.endsWith(` > ${hours * 3600}`)).toBe(true);
  });

  test.each([
    ["30d", 30],
    ["2w", 14],
    ["3m", 93],
  ])("know that %s are %i days", (retention, days) => {
    expect(retentionSeconds(retention)).toBe(days * 86_400);
  });

  test("name both ends of the window by the retention and the schedule", () => {
    const config = databaseConfig({ backup: { retention: "30d", schedule: "0 0 0 * * *" } });
    expect(alertOf(config, "AtticRecoveryWindowShort").expr).toContain(`< ${30 * 86_400 - 3600}`);
    expect(alertOf(config, "AtticBackupsNotRemoved").expr).toContain(`> ${(30 + 1 + 3) * 86_400}`);
  });
});

describe("the alert on garbage collection", () => {
  const stale = (garbageCollection: Settings["garbageCollection"]) =>
    alertOf(stackConfig({ garbageCollection }), "AtticGarbageCollectionStale");

  test.each([
    ["0 0,12 * * *", 24],
    ["0 3 * * *", 26],
    ["0 3 * * 6", 7 * 24 + 2],
  ])("wants a CronJob of the schedule %s to have succeeded within %i hours", (schedule, hours) => {
    const { expr } = stale({ runAs: "cronJob", schedule });
    expect(expr.endsWith(` > ${hours * 3600}`)).toBe(true);
  });

  test("sees of a Deployment only whether it runs", () => {
    const { expr, description } = stale({ runAs: "deployment", interval: "6h" });
    expect(selectors(expr).map(({ metric }) => metric)).toEqual([
      "kube_deployment_status_replicas_available",
    ]);
    expect(description).toContain("every 6h");
  });
});

describe("the autoscaler's alerts", () => {
  const scaling = (minReplicas: number, maxReplicas: number) =>
    stackConfig({ api: { scaling: { minReplicas, maxReplicas } } });

  test("mind its maximum only if it has a choice", () => {
    expect(namesOf(scaling(2, 3))).toContain("AtticAutoscalerAtMaximum");
    expect(namesOf(scaling(3, 3))).not.toContain("AtticAutoscalerAtMaximum");
    expect(namesOf(scaling(3, 3))).toContain("AtticAutoscalerBlind");
  });
});

describe("the certificate's alerts", () => {
  test("are not there without an ingress", () => {
    const config = stackConfig({ ingress: { enabled: false } });
    expect(named("Certificate", config)).toEqual([]);
    expect(witnessed(config)).toEqual(["kube-state-metrics"]);
  });

  test("find the certificate whichever label has its namespace", () => {
    for (const { expr } of alertsOf(stackConfig()).filter(({ alert }) =>
      alert.startsWith("AtticCertificate"),
    )) {
      const labels = selectors(expr).map(({ matchers }) => matchers.map(({ label }) => label));
      expect(labels.filter((all) => all.includes("namespace"))).toHaveLength(labels.length / 2);
      expect(labels.filter((all) => all.includes("exported_namespace"))).toHaveLength(labels.length / 2);
    }
  });
});

describe("the tokens' alerts", () => {
  const { root, ...rotated } = everyToken;
  test.each([
    ["no tokens", {}, []],
    ["tokens of every kind", everyToken, ["TokenRotationOverdue", "TokenExpiring", "RootTokenDue"]],
    ["tokens that rotate by themselves", rotated, ["TokenRotationOverdue", "TokenExpiring"]],
    ["a root token alone", { root }, ["TokenExpiring", "RootTokenDue"]],
  ])("of a stack with %s", (_, tokens, expected) => {
    const found = named(/.*Token/, stackConfig({ tokens }));
    expect(found).toEqual(expected.map((name) => `Attic${name}`));
  });

  test("leave out revoked tokens and the signing key, which never are due", () => {
    const revoked = [{ fragment: "a".repeat(64), expires: "2027-01-01T00:00:00Z", reason: "test" }];
    expect(named(/.*Token/, stackConfig({ tokens: { revoked, signingKey: { generation: 2 } } }))).toEqual([]);
  });
});

test("an installation that is scraped by nobody is noticed, exporter by exporter", () => {
  expect(witnessed(databaseConfig())).toEqual([
    "kube-state-metrics",
    "cloudnative-pg",
    "barman-cloud",
    "kubelet",
    "cert-manager",
  ]);
});

describe("the operators' alerts", () => {
  const about = (config: Parameters<typeof namesOf>[0]) => named(/IngressDown|DatabaseOperatorDown/, config);
  const { traefik, cloudNativePg, barmanCloud } = everyOperator;

  test("are about what the stack installs itself, and not about what was there already", () => {
    expect(about(databaseConfig())).toEqual([]);
    expect(about(databaseConfig({}, { operators: { traefik } }))).toEqual(["AtticIngressDown"]);
    expect(about(databaseConfig({}, { operators: { cloudNativePg } }))).toEqual([
      "AtticDatabaseOperatorDown",
    ]);
  });

  test("are not about what the stack does not use", () => {
    expect(about(stackConfig({ operators: { cloudNativePg, barmanCloud } }))).toEqual([]);
    expect(about(stackConfig({ operators: { traefik }, ingress: { enabled: false } }))).toEqual([]);
    const unsaved = databaseConfig(
      { backup: { enabled: false } },
      { operators: { cloudNativePg, barmanCloud } },
    );
    expect(alertOf(unsaved, "AtticDatabaseOperatorDown").expr).not.toContain("barman");
  });

  test("find the Deployments where the stack installs them", () => {
    const config = databaseConfig(
      {},
      {
        operators: everyOperator,
        network: { ingressController: { namespace: "edge" }, databaseOperator: { namespace: "databases" } },
      },
    );
    const found = (name: string) =>
      selectors(alertOf(config, name).expr).map(({ matchers }) => matchers.map(({ value }) => value));
    expect(found("AtticIngressDown")).toEqual([["edge", "traefik"]]);
    expect(found("AtticDatabaseOperatorDown")).toEqual([["databases", "cloudnative-pg|plugin-barman-cloud"]]);
  });
});
