import { formatDuration, fromNow, secondsOf } from "../time.ts";
import { firingAlerts } from "./checks/alerting.ts";
import type { Area, CheckResult } from "./checks/index.ts";
import { load } from "./checks/scaling.ts";
import type { Rollout, Seen, Snapshot } from "./snapshot.ts";

/** How an area is: judged by its checks, of which none may have been possible. */
export type Mark = "well" | "wrong" | "unjudged";

/** A line of the screen. */
export interface Row {
  area: Area;
  mark: Mark;
  /** The area, for people. */
  label: string;
  text: string;
}

/** The areas of the screen, in its order, by the names that people read. */
const labels = {
  api: "API",
  scaling: "scaling",
  disruption: "disruption",
  collector: "collector",
  migrations: "migrations",
  database: "database",
  backup: "backup",
  certificate: "certificate",
  tokens: "tokens",
  routes: "routes",
  policies: "network",
  rules: "rules",
  alerts: "alerts",
} as const satisfies Partial<Record<Area, string>>;

/** An area for people. */
export const labelOf = (area: Area): string => (area === "ingress" ? area : labels[area]);

/** A line for every area that the stack has. */
export function rows(snapshot: Snapshot, results: readonly CheckResult[]): Row[] {
  return (Object.keys(labels) as (keyof typeof labels)[]).flatMap((area) => {
    const own = results.filter((result) => result.area === area);
    const judged = own.filter(({ outcome }) => outcome !== "skipped");
    const wrong = judged.filter(({ outcome }) => outcome === "failed");
    const mark = wrong.length > 0 ? "wrong" : judged.length > 0 ? "well" : "unjudged";
    const words = textOf(area, snapshot);
    // What is not there has no words of its own: then the check's are the ones.
    const text = mark === "unjudged" ? own[0]?.found : (words ?? wrong[0]?.found);
    return text === undefined ? [] : [{ area, mark, label: labels[area], text }];
  });
}

/** What is there of an area; undefined when nothing is. */
function textOf(area: keyof typeof labels, snapshot: Snapshot): string | undefined {
  const now = secondsOf(snapshot.time);
  const ago = (time: string) => fromNow(secondsOf(time), now);
  switch (area) {
    case "api":
      return told(snapshot.api, (rollout) => rolloutWords(rollout, now));
    case "scaling":
      return told(snapshot.autoscaler, ({ current, min, max, metrics }) =>
        joined(`${current} in ${min} to ${max}`, load(metrics)),
      );
    case "disruption":
      return told(snapshot.budget, ({ allowed, healthy }) => `${allowed} of ${healthy} may go`);
    case "collector":
      return told(snapshot.collector, (found) =>
        found.kind === "Deployment"
          ? rolloutWords(found, now)
          : joined(
              shortImage(found.image),
              `"${found.schedule}"`,
              found.suspended && "suspended",
              found.lastSuccess ? `last ${ago(found.lastSuccess)}` : "no run has succeeded yet",
            ),
      );
    case "migrations":
      return told(snapshot.migrations, ({ state, finished, name }) =>
        joined(finished ? `done ${ago(finished)}` : state, name),
      );
    case "database":
      return told(snapshot.database, ({ readyInstances, instances, primary, phase }) =>
        joined(
          `${readyInstances}/${instances} ready`,
          primary && `primary ${primary}`,
          phase !== healthy && (phase ?? "no operator has taken it up"),
          lagWords(snapshot),
        ),
      );
    case "backup":
      return told(snapshot.backup, ({ lastSuccess, recoverableSince }) =>
        joined(
          lastSuccess ? `last ${ago(lastSuccess)}` : "none yet",
          recoverableSince && `back to ${recoverableSince.slice(0, 10)}`,
          told(snapshot.database, ({ archiving }) =>
            archiving ? `archiving ${archiving.ok ? "well" : "FAILS"}` : "archiving unknown",
          ),
        ),
      );
    case "certificate":
      return told(snapshot.certificate, ({ ready, notAfter, renewal }) =>
        joined(
          ready ? "ready" : "not ready",
          notAfter && `ends ${ago(notAfter)}`,
          renewal && `renewed ${ago(renewal)}`,
        ),
      );
    case "tokens":
      return told(snapshot.tokens, ({ minted }) => {
        const [next] = minted.toSorted((a, b) => a.rotates.localeCompare(b.rotates));
        const due = next && `${next.name} ${next.byHand ? "due by hand" : "rotates"} ${ago(next.rotates)}`;
        return joined(`${minted.length} minted`, due);
      });
    case "routes":
      return told(snapshot.routes, objectWords);
    case "policies":
      return told(snapshot.policies, objectWords);
    case "rules":
      return told(snapshot.rules, objectWords);
    case "alerts":
      return told(snapshot.prometheus, (found) => {
        const { own, others } = firingAlerts(found);
        const none = others.length > 0 ? "none of its own" : "none fires";
        return [own.map(({ alert }) => alert).join(", ") || none, ...others].join("; ");
      });
  }
}

/** CloudNativePG's words for nothing to tell. */
const healthy = "Cluster in healthy state";

const told = <T>(part: Seen<T> | undefined, words: (value: T) => string): string | undefined =>
  part?.is === "there" ? words(part.value) : undefined;

const joined = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join(", ");

function rolloutWords({ ready, desired, updated, image, newestPod, restarts }: Rollout, now: number): string {
  return joined(
    `${ready}/${desired} ready`,
    updated !== desired && `${updated} updated`,
    shortImage(image),
    newestPod && `${formatDuration(Math.max(0, now - secondsOf(newestPod)))} old`,
    restarts > 0 ? `${restarts} restart${restarts > 1 ? "s" : ""}` : "no restarts",
  );
}

function lagWords({ prometheus }: Snapshot): string | undefined {
  const lag = told(prometheus, ({ replicationLag }) => String(replicationLag ?? ""));
  return lag ? `${Math.round(Number(lag))} s behind` : undefined;
}

const objectWords = ({ declared, missing }: { declared: number; missing: string[] }) =>
  `${declared - missing.length} of ${declared}`;

/** Enough of an image to tell it from another: its commit, or its digest. */
export function shortImage(image: string): string {
  const [, digest, commit] = /@sha256:(\w{8})|:(\w{8})\w*$/.exec(image) ?? [];
  return digest ?? commit ?? image;
}
