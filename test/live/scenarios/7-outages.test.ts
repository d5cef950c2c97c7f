/**
 * What the API is made of is away for a while, under traffic: first the object store, once so that nobody takes
 * connections and once so that somebody takes them and never answers, then the database. What is promised: requests that
 * need nothing of what is away go on; the others are refused with 500 (docs/operations.md) and go well again by
 * themselves when it is back; no pod is restarted, as that would help nobody; no upload that was acknowledged is lost;
 * and the person on call is told, and told that it is over (docs/slo.md).
 *
 * Long: about a quarter of an hour, as the windows of the alerts are.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  freezeObjectStore,
  objectStore,
  startObjectStore,
  stopObjectStore,
  thawObjectStore,
} from "../../../live/platform/object-store/index.ts";
import { figure, firing, toldSince } from "../../support/live/on-call.ts";
import { meanwhile, type Outage, outage, type Request, recovered } from "../../support/live/outage.ts";
import { record } from "../../support/live/report.ts";
import { token } from "../../support/live/traffic/index.ts";
import { startWatching } from "../../support/live/watching/index.ts";
import { ctl, databaseHealthy, kubectl, output, paths, until } from "../../support/live/world.ts";
import { missing } from "../missing.ts";
import { short } from "../short.ts";

const page = "AtticErrorBudgetBurnFast";

/** What is answered to the kinds of requests while something is away, and when it goes on, for the report. */
function report(scenario: string, happened: Outage): void {
  record(scenario, { what: "away for", value: (happened.over - happened.begun) / 1000, unit: "s" });
  for (const kind of ["root", "info", "miss", "push", "narinfo", "nar"]) {
    const sent = meanwhile(happened, kind);
    const failed = sent.filter(({ ok }) => !ok);
    const whys = [...new Set(failed.map(answer))].sort().join(", ");
    const what = failed.length > 0 ? `${kind}: failed (${whys})` : `${kind}: failed`;
    record(scenario, { what, value: failed.length, unit: "requests" });
    if (failed.length > 0) {
      const seconds = failed.map((each) => each.seconds).sort((a, b) => a - b);
      record(
        scenario,
        { what: `${kind}: until it failed, half of them`, value: median(seconds), unit: "s" },
        { what: `${kind}: until it failed, the longest`, value: seconds.at(-1) as number, unit: "s" },
        {
          what: `${kind}: from the return to the first success`,
          value: recovered(happened, kind),
          unit: "s",
        },
      );
    }
  }
  record(scenario, { what: "acknowledged uploads", value: happened.traffic.acknowledged, unit: "requests" });
  record(scenario, { what: "of them lost", value: happened.traffic.lost.length, unit: "requests" });
}

const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] as number;

/** The status, or what the connection died of. */
const answer = ({ why }: Request) => /^\d{3}/.exec(why)?.[0] ?? why;

const failures = (happened: Outage, kind: string) =>
  meanwhile(happened, kind)
    .filter(({ ok }) => !ok)
    .map(({ why }) => why);

function podsStay({ fewestReady, restarts }: Outage): void {
  expect(fewestReady).toBeGreaterThanOrEqual(2);
  expect(restarts).toBe(0);
}

/** When the person on call was told of an alert that began with an outage, and how many had failed by then. */
async function told(scenario: string, happened: Outage, alerts: readonly string[]): Promise<void> {
  const since = await toldSince(happened.begun);
  for (const alert of alerts) {
    const one = since.find((each) => each.alert === alert);
    expect(
      one,
      `nobody was told of ${alert}, but of ${since.map((each) => each.alert).join(", ")}`,
    ).toBeDefined();
    const at = one?.at as number;
    record(scenario, { what: `${alert}: told after`, value: (at - happened.begun) / 1000, unit: "s" });
  }
  const others = since.filter(({ alert }) => !alerts.includes(alert)).map(({ alert }) => alert);
  console.log(`${scenario}: told of as well: ${others.join(", ") || "nothing"}`);
}

/** In milliseconds. Each wait has an end of its own; this is more than all of them. */
const timeout = 1_800_000;

describe.skipIf(missing || short)("what the API is made of", { timeout }, () => {
  let store = "";

  beforeAll(async () => {
    store = await objectStore();
    // What failed before must neither page now nor hide what fails.
    await forget();
  });

  afterAll(async () => {
    await thawObjectStore(paths).catch(() => {});
    await startObjectStore(paths, store);
    await fence(false);
    await databaseHealthy();
    // Whatever comes next must not be told of what failed here.
    await forget();
    await ctl("verify", "--wait", "3m");
  });

  test("an object store that is gone fails uploads alone, and pages", async () => {
    const scenario = "7 the object store is gone";
    const happened = await outage({
      take: () => stopObjectStore(paths, "SIGKILL"),
      bringBack: async () => void (await startObjectStore(paths, store)),
      seconds: 60,
      page,
    });
    report(scenario, happened);
    for (const kind of ["root", "info", "miss", "narinfo"]) expect(failures(happened, kind)).toEqual([]);
    expect(failures(happened, "push").length).toBeGreaterThan(10);
    expect(happened.traffic.lost).toEqual([]);
    podsStay(happened);
    await told(scenario, happened, [page]);
  });

  test("an object store that takes connections and never answers does no more harm than that", async () => {
    const scenario = "7 the object store is frozen";
    const happened = await outage({
      take: () => freezeObjectStore(paths),
      bringBack: () => thawObjectStore(paths),
      seconds: 60,
    });
    report(scenario, happened);
    for (const kind of ["root", "info", "miss", "narinfo"]) expect(failures(happened, kind)).toEqual([]);
    expect(happened.traffic.lost).toEqual([]);
    podsStay(happened);
  });

  test("the page is over when it is over, as requests go well again", async () => {
    const scenario = "7 the object store is back";
    const seconds = await calmed();
    record(scenario, { what: "until no page fires any more", value: seconds, unit: "s" });
  });

  test("a database that is gone fails what needs it after half a minute, and pages", async () => {
    const scenario = "7 the database is gone";
    const happened = await outage({
      take: () => fence(true),
      bringBack: () => fence(false),
      seconds: 150,
      page,
    });
    report(scenario, happened);
    expect(failures(happened, "root")).toEqual([]);
    expect(
      new Set(
        meanwhile(happened, "info")
          .filter(({ ok }) => !ok)
          .map(answer),
      ),
    ).toEqual(new Set(["500"]));
    expect(happened.traffic.lost).toEqual([]);
    podsStay(happened);
    // AtticPostgresDown does not: an exporter goes on telling of what was before the fence.
    await told(scenario, happened, [page, "AtticPostgresNoPrimary"]);
    await databaseHealthy();
    // The page of the budget goes on, by its window of half an hour: it is not waited for.
    record(scenario, {
      what: "AtticPostgresNoPrimary: over after the return",
      value: await until("it is over", 180, async () => !(await firing()).includes("AtticPostgresNoPrimary")),
      unit: "s",
    });
    await until("the person on call is told that it is over", 600, async () =>
      (await toldSince(happened.begun)).some(
        ({ alert, over }) => alert === "AtticPostgresNoPrimary" && over !== undefined,
      ),
    );
  });
});

/** Stops PostgreSQL on all instances, as `kubectl cnpg fencing on attic-pg "*"` does, or lets it run again. */
async function fence(on: boolean): Promise<void> {
  const annotation = on ? 'cnpg.io/fencedInstances=["*"]' : "cnpg.io/fencedInstances-";
  await kubectl("annotate", "cluster", "attic-pg", "--overwrite", annotation);
}

/** Has Prometheus and Alertmanager begin anew, without a past: what they know is their pods'. */
async function forget(): Promise<void> {
  const there = ["kubectl", "--namespace=monitoring"];
  const names = ["prometheus-k8s", "alertmanager-main"];
  await output(...there, "delete", "pod", ...names.map((name) => `${name}-0`));
  for (const name of names)
    await output(...there, "rollout", "status", `statefulset/${name}`, "--timeout=240s");
  await until("the routes are measured", 180, async () => (await figure(requests)) > 0);
}

const requests = 'count(traefik_router_requests_total{service=~"nix-cache-attic-.+"})';

const critical = [page, "AtticSLOAvailabilityBreach"];

/**
 * Waits, with requests that go well, until no page fires. A young stack has no busy month behind it, so it takes many of
 * them until the failures are a small share of what was asked within half an hour.
 * @returns seconds
 */
async function calmed(): Promise<number> {
  const authorization = `Bearer ${await token("developers")}`;
  const path = `/main/${"0".repeat(32)}.narinfo`;
  const watching = await startWatching([{ name: "miss", path, authorization, everySeconds: 0.02 }]);
  try {
    return await until(
      "no page fires",
      900,
      async () => {
        const now = await firing();
        return !critical.some((each) => now.includes(each));
      },
      2000,
    );
  } finally {
    await watching.stop();
  }
}
