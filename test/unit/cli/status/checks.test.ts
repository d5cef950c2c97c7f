import { describe, expect, test } from "vitest";
import { type CheckResult, checks, type Facts, judgeAll } from "../../../../cli/status/checks/index.ts";
import type { Snapshot } from "../../../../cli/status/snapshot.ts";
import { image } from "../../../support/settings.ts";
import { ago, ahead, facts, there, wellProbes, wellSnapshot } from "./facts.ts";

const result = (id: string, given: Facts): CheckResult => {
  const asker = checks.find((check) => check.id === id)?.only ?? "verify";
  return judgeAll(given, asker).find((each) => each.id === id) as CheckResult;
};
const api = (parts: object) => facts({ api: there({ ...wellSnapshot.api.value, ...parts }) });
const database = (parts: object) => facts({ database: there({ ...wellSnapshot.database.value, ...parts }) });
const token = (parts: object) => {
  const [first] = wellSnapshot.tokens.value.minted;
  return facts({ tokens: there({ minted: [{ ...first, ...parts } as never], notMinted: [] }) });
};
const certificate = (parts: object) => facts({ certificate: there({ ready: true, ...parts }) });
const backup = (parts: object, more?: Partial<Snapshot>) => facts({ ...more, backup: there(parts) });
const scaler = (parts: object) =>
  facts({ autoscaler: there({ ...wellSnapshot.autoscaler.value, ...parts }) });
const probes = (parts: object) => facts({}, { probes: { ...wellProbes, ...parts } });

test("a well stack passes every check, for either asker", () => {
  for (const asker of ["status", "verify"] as const) {
    const outcomes = judgeAll(facts(), asker).map(({ id, outcome }) => `${id} ${outcome}`);
    expect(outcomes.filter((each) => !each.endsWith(" passed"))).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(15);
  }
});

test("no two checks have one id, and none lacks a page to look at", () => {
  const ids = checks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(checks.filter(({ see }) => !see.startsWith("docs/"))).toEqual([]);
});

describe.each([
  // id, facts just beside what passes, what is said of them
  ["api-rollout", api({ observed: false }), "the newest description is not taken up yet"],
  ["api-rollout", api({ updated: 1 }), "1 of 2 updated, 1 old still there"],
  ["api-rollout", api({ total: 3 }), "1 old still there"],
  [
    "api-rollout",
    api({ ready: 1, trouble: ["attic-x is not ready: ImagePullBackOff"] }),
    "1 of 2 ready; attic-x is not ready: ImagePullBackOff",
  ],
  ["api-rollout", api({ desired: 0, updated: 0, ready: 0, total: 0 }), "0 wanted"],
  ["api-rollout", api({ ready: 0, trouble: ["a", "b", "c", "d"] }), "0 of 2 ready; a; b; and 2 more"],
  [
    "api-rollout",
    facts({ api: { is: "missing", what: "Deployment attic" } }),
    "there is no Deployment attic",
  ],
  ["api-rollout", facts({ api: { is: "unreadable", why: "ann may not" } }), "it cannot be seen: ann may not"],
  ["api-image", api({ image: "attic:other" }), "attic:other"],
  [
    "collector-rollout",
    facts({ collector: there({ ...wellSnapshot.collector.value, ready: 0 }) }),
    "0 of 1 ready",
  ],
  [
    "collector-rollout",
    facts({
      collector: there({ kind: "CronJob", name: "attic-gc", image, schedule: "0 0 * * *", suspended: true }),
    }),
    "it is suspended",
  ],
  [
    "collector-image",
    facts({
      collector: there({
        kind: "CronJob",
        name: "attic-gc",
        image: "attic:old",
        schedule: "0 0 * * *",
        suspended: false,
      }),
    }),
    "attic:old",
  ],
  [
    "migrations",
    facts({ migrations: there({ name: "m", image, state: "failed", why: "BackoffLimitExceeded" }) }),
    "m has failed: BackoffLimitExceeded",
  ],
  ["migrations", facts({ migrations: there({ name: "m", image, state: "running" }) }), "m has not ended yet"],
  [
    "migrations",
    facts({ migrations: there({ name: "m", image: "attic:old", state: "succeeded" }) }),
    "m ran attic:old",
  ],
  ["autoscaler-metrics", scaler({ inactive: "no metrics returned" }), "it does not act: no metrics returned"],
  ["autoscaler-metrics", scaler({ metrics: [{ name: "cpu", target: 70 }] }), "not measured yet: cpu"],
  ["autoscaler-metrics", scaler({ metrics: [] }), "it has no metrics"],
  ["autoscaler-bounds", scaler({ current: 1 }), "1 in 2 to 10"],
  ["autoscaler-bounds", scaler({ current: 11 }), "11 in 2 to 10"],
  ["autoscaler-bounds", scaler({ max: 9 }), "its bounds are 2 to 9"],
  ["autoscaler-bounds", scaler({ min: 1 }), "its bounds are 1 to 10"],
  [
    "autoscaler-limit",
    scaler({ current: 10, limited: { reason: "TooManyReplicas", message: "" } }),
    "all 10 are in use, and the load asks for more",
  ],
  [
    "disruption-budget",
    facts({ budget: there({ allowed: 0, healthy: 1, needed: 1 }) }),
    "none may go: 1 healthy, 1 needed",
  ],
  ["database-ready", database({ phase: undefined }), "no operator has taken it up"],
  ["database-ready", database({ ready: false, phase: "Failing over" }), "not ready: Failing over"],
  ["database-ready", database({ readyInstances: 2 }), "2 of 3 instances ready"],
  ["database-ready", database({ instances: 2 }), "2 instances asked for"],
  [
    "database-ready",
    database({ nextPrimary: "attic-pg-2" }),
    "the primary changes from attic-pg-1 to attic-pg-2",
  ],
  ["database-ready", database({ primary: undefined }), "no primary"],
  ["database-archiving", database({ archiving: { ok: false, message: "exit status 4" } }), "exit status 4"],
  ["database-archiving", database({ archiving: undefined }), "the operator does not say yet"],
  // Daily, and 6 h of slack.
  ["backup-age", backup({ lastSuccess: ago(30) }), "30 h old"],
  ["backup-age", backup({}), "there is none"],
  [
    "backup-age",
    backup({ lastFailure: ago(1), failure: "no space" }),
    "there is none; one failed 1 h ago: no space",
  ],
  [
    "backup-age",
    backup({}, { database: there({ ...wellSnapshot.database.value, created: ago(3) }) }),
    "there is none",
  ],
  ["certificate", certificate({ ready: false, why: "DNS problem" }), "not ready: DNS problem"],
  ["certificate", certificate({ notAfter: ahead(-1), renewal: ahead(-30) }), "it ended 1 d ago"],
  ["certificate", certificate({ notAfter: ahead(6), renewal: ahead(-0.5) }), "6 d left"],
  ["certificate", certificate({ notAfter: ahead(6) }), "6 d left"],
  [
    "certificate",
    certificate({ notAfter: ahead(28), renewal: ahead(-2) }),
    "28 d left, and its renewal was due 2 d ago",
  ],
  ["certificate", certificate({}), "it does not say when it ends"],
  ["tokens-valid", token({ revoked: true }), "gitlab-main is revoked in the stack's file"],
  ["tokens-valid", token({ expires: ahead(-1), rotates: ahead(-15) }), "gitlab-main ended 1 d ago"],
  ["tokens-valid", token({ expires: ahead(6), rotates: ahead(-8) }), "gitlab-main ends in 6 d"],
  ["tokens-valid", facts({ tokens: there({ minted: [], notMinted: ["new"] }) }), "new is not minted"],
  [
    "tokens-due",
    token({ rotates: ahead(-3), notes: ["generation 2 is due"] }),
    "gitlab-main: generation 2 is due",
  ],
  ["tokens-due", token({ notes: ["declared otherwise by now"] }), "gitlab-main: declared otherwise by now"],
  ["tokens-due", token({ byHand: true, rotates: ahead(-0.5), notes: ["raise it"] }), "gitlab-main: raise it"],
  [
    "routes",
    facts({ routes: there({ declared: 14, missing: ["IngressRoute attic"] }) }),
    "missing: IngressRoute attic",
  ],
  [
    "routes",
    facts({ routes: { is: "missing", what: "Traefik's objects (unknown kind)" } }),
    "there is no Traefik's objects (unknown kind)",
  ],
  [
    "policies",
    facts({ policies: there({ declared: 7, missing: ["NetworkPolicy default-deny"] }) }),
    "missing: NetworkPolicy default-deny",
  ],
  [
    "rules",
    facts({ rules: there({ declared: 3, missing: ["PrometheusRule attic-slo"] }) }),
    "missing: PrometheusRule attic-slo",
  ],
  [
    "rules-loaded",
    facts({ prometheus: there({ from: "p", firing: [], unloaded: ["attic-slo"] }) }),
    "p lacks attic-slo; if the stack's is another one, --prometheus or $PROMETHEUS_URL names it",
  ],
  [
    "database-lag",
    facts({ prometheus: there({ from: "p", firing: [], unloaded: [], replicationLag: 61 }) }),
    "61 s behind",
  ],
  [
    "alerts",
    facts({
      prometheus: there({
        from: "p",
        firing: [
          { alert: "AtticApiDown", severity: "critical", summary: "" },
          { alert: "KubePodNotReady", severity: "warning", summary: "" },
        ],
        unloaded: [],
      }),
    }),
    "AtticApiDown (critical): docs/runbooks/AtticApiDown.md",
  ],
  [
    "ingress-serves",
    probes({ reading: { cache: "main", status: 401, code: "Unauthorized" } }),
    "401 Unauthorized",
  ],
  [
    "ingress-serves",
    probes({ reading: { cache: "main", status: 404, code: "NoSuchCache" } }),
    "404 NoSuchCache: the server has no cache main; atticctl caches sync makes it",
  ],
  ["ingress-serves", probes({ reading: { cache: "main", status: 200 } }), "200, StoreDir: none"],
  [
    "ingress-serves",
    probes({ reading: { cache: "main", status: 200, storeDir: "/gnu/store" } }),
    "200, StoreDir: /gnu/store",
  ],
  [
    "ingress-serves",
    probes({ reading: { cache: "main", error: "connect ECONNREFUSED" } }),
    "no answer: connect ECONNREFUSED",
  ],
  ["ingress-anonymous", probes({ anonymous: { cache: "main", status: 200, storeDir: "/nix/store" } }), "200"],
  [
    "ingress-anonymous",
    probes({ anonymous: { cache: "main", status: 500, code: "InternalServerError" } }),
    "500 InternalServerError",
  ],
  ["ingress-forged", probes({ forged: { cache: "main", status: 200 } }), "200"],
  [
    "ingress-tokens",
    probes({ tokens: [...wellProbes.tokens, { cache: "main", token: "old", status: 401 }] }),
    "old: 401",
  ],
  ["ingress-tokens", probes({ tokens: [{ cache: "main", token: "old", status: 503 }] }), "old: 503"],
] as const)("%s", (id, given, found) => {
  test(`fails: ${found}`, () => {
    expect(result(id, given)).toMatchObject({ outcome: "failed", found });
  });
});

describe.each([
  ["api-rollout", api({ desired: 8, updated: 8, ready: 8, total: 8 }), "8 of 8 ready, all of them new"],
  [
    "collector-rollout",
    facts({
      collector: there({ kind: "CronJob", name: "attic-gc", image, schedule: "0 0 * * *", suspended: false }),
    }),
    'it runs by the schedule "0 0 * * *"',
  ],
  ["autoscaler-bounds", scaler({ current: 10 }), "10 in 2 to 10"],
  ["autoscaler-limit", scaler({ limited: { reason: "TooFewReplicas", message: "" } }), "2 of 10 in use"],
  ["backup-age", backup({ lastSuccess: ago(29.9) }), "29 h old"],
  ["backup-age", backup({ lastSuccess: ago(5), lastFailure: ago(1) }), "5 h old; one failed 1 h ago"],
  ["backup-age", backup({ lastSuccess: ago(1), lastFailure: ago(5) }), "1 h old"],
  [
    "backup-age",
    backup({}, { database: there({ ...wellSnapshot.database.value, created: ago(2.9) }) }),
    "none yet: the database was made 2 h ago",
  ],
  // One that lives for a week only is always about to end.
  ["certificate", certificate({ notAfter: ahead(6), renewal: ahead(2) }), "6 d left"],
  ["certificate", certificate({ notAfter: ahead(28), renewal: ahead(-0.9) }), "28 d left"],
  ["tokens-valid", token({ expires: ahead(6), rotates: ahead(3) }), "1 valid"],
  ["tokens-valid", token({ expires: ahead(4), rotates: ahead(-3) }), "1 valid"],
  ["tokens-valid", token({ expires: ahead(8), rotates: ahead(-20) }), "1 valid"],
  // The scheduled update runs once a day.
  ["tokens-due", token({ rotates: ahead(-1.9), notes: ["generation 2 is due"] }), "none"],
  [
    "database-lag",
    facts({ prometheus: there({ from: "p", firing: [], unloaded: [], replicationLag: 60 }) }),
    "60 s behind",
  ],
  [
    "alerts",
    facts({
      prometheus: there({
        from: "p",
        firing: [
          { alert: "KubePodNotReady", severity: "warning", summary: "", runbook: "https://r.example/1" },
          { alert: "CPUThrottlingHigh", severity: "info", summary: "", runbook: "https://r.example/2" },
          { alert: "InfoInhibitor", severity: "none", summary: "" },
        ],
      }),
    }),
    "none; KubePodNotReady (warning) https://r.example/1",
  ],
  [
    "ingress-tokens",
    probes({
      tokens: [
        { cache: "x", token: "a", status: 404, code: "NoSuchCache" },
        { cache: "x", token: "b", status: 403 },
      ],
    }),
    "all 2 are taken",
  ],
] as const)("%s", (id, given, found) => {
  test(`passes: ${found}`, () => {
    expect(result(id, given)).toMatchObject({ outcome: "passed", found });
  });
});

const embedded = { embedded: true };
const settingsOf = (settings: object, parts: Partial<Snapshot> = {}) => facts(parts, { settings });

describe.each([
  [
    "collector-image",
    facts({ collector: { is: "missing", what: "Deployment attic-gc" } }),
    "there is no garbage collector",
  ],
  [
    "database-ready",
    settingsOf({
      database: {
        provider: "external",
        external: { host: "db.example.com", passwordSecret: { name: "database", key: "password" } },
      },
    }),
    "the stack's database is external",
  ],
  [
    "database-ready",
    facts({ ...embedded, database: there({ instances: 3, readyInstances: 0 }) }),
    "stack local: no database operator acts here",
  ],
  ["database-archiving", facts(embedded), "stack local: no Barman Cloud plugin acts here"],
  [
    "backup-age",
    settingsOf({ database: { cloudNativePg: { backup: { enabled: false } } } }),
    "the stack makes no backups",
  ],
  ["certificate", facts(embedded), "stack local: no cert-manager acts here"],
  ["certificate", settingsOf({ ingress: { enabled: false } }), "the stack makes no ingress"],
  ["routes", settingsOf({ ingress: { enabled: false } }), "the stack makes no ingress"],
  ["policies", settingsOf({ network: { enabled: false } }), "the stack makes no NetworkPolicies"],
  ["rules", settingsOf({ observability: { rules: { enabled: false } } }), "the stack makes no rules"],
  [
    "rules-loaded",
    facts({ prometheus: { is: "missing", what: "Prometheus in the cluster" } }),
    "no Prometheus in the cluster",
  ],
  ["rules-loaded", facts({ prometheus: there({ from: "p", firing: [] }) }), "p does not tell its rules"],
  [
    "alerts",
    facts({ prometheus: { is: "unreadable", why: "no answer within 5 s" } }),
    "Prometheus was not asked: no answer within 5 s",
  ],
  [
    "database-lag",
    facts({ prometheus: there({ from: "p", firing: [], unloaded: [] }) }),
    "no Prometheus tells the lag",
  ],
  [
    "autoscaler-limit",
    settingsOf({ api: { scaling: { minReplicas: 3, maxReplicas: 3 } } }),
    "its bounds are the same",
  ],
  [
    "ingress-serves",
    facts(embedded, { probes: undefined as never }),
    "stack local: no container runs, so nothing listens at its URL",
  ],
  [
    "ingress-serves",
    facts({}, { probes: { url: "", tokens: [] } }),
    "the stack declares no cache that one of its tokens may pull from",
  ],
  [
    "ingress-anonymous",
    facts({}, { probes: { url: "", tokens: [] } }),
    "the stack declares no private cache",
  ],
  ["ingress-tokens", facts({}, { probes: { url: "", tokens: [] } }), "the stack has no token"],
] as const)("%s", (id, given, found) => {
  test(`is skipped: ${found}`, () => {
    expect(result(id, given)).toMatchObject({ outcome: "skipped", found });
  });
});

test("with the operator on the embedded control plane, its database is judged", () => {
  const broken = { ...wellSnapshot.database.value, readyInstances: 1 };
  expect(result("database-ready", facts({ ...embedded, database: there(broken) })).outcome).toBe("failed");
});

test("a check that is skipped by hand says why, and is not judged", () => {
  const results = judgeAll(api({ ready: 0 }), "verify", { "api-rollout": "it is drained" });
  expect(results[0]).toMatchObject({
    id: "api-rollout",
    outcome: "skipped",
    found: "by hand: it is drained",
  });
});

test("a cache with another store is expected to say so", () => {
  const given = settingsOf({ caches: { main: { storeDir: "/gnu/store" } } });
  expect(result("ingress-serves", given)).toMatchObject({ outcome: "failed" });
  expect(result("ingress-serves", given).expected).toContain(
    "StoreDir: /gnu/store for GET /main/nix-cache-info",
  );
});
