import { formatDuration, secondsOf } from "../../time.ts";
import type { Certificate, Objects, TokenTimes } from "../snapshot.ts";
import {
  type Check,
  type Facts,
  failed,
  judged,
  passed,
  runbook,
  unattended,
  type Verdict,
  without,
} from "./check.ts";

const day = 86_400;

/** How late a renewal, or a rotation, may be; the same as the alerts allow. */
const late = { renewal: day, rotation: 2 * day } as const;

const closed = ({ config }: Facts) => without(!config.ingress.enabled, "the stack makes no ingress");

/** Whether clients find the cache, and who they are is told apart. */
export const edgeChecks: readonly Check[] = [
  {
    id: "certificate",
    area: "certificate",
    title: "the certificate is good, and stays so",
    see: runbook("AtticCertificateNotReady"),
    skip: (facts) => closed(facts) ?? unattended(facts, "cert-manager"),
    expected: ({ minimumDays }) => `ready, and good for ${minimumDays} d yet, or not due to be renewed`,
    judge: ({ snapshot, minimumDays, now }) =>
      judged(snapshot.certificate, (found) => lasting(found, minimumDays, now)),
  },
  {
    id: "tokens-valid",
    area: "tokens",
    title: "every current token is valid, and stays so",
    see: runbook("AtticTokenExpiring"),
    expected: ({ minimumDays }) =>
      `minted, not revoked, and good for ${minimumDays} d yet, or for half of the time for taking its place`,
    judge: ({ snapshot, minimumDays, now }) =>
      judged(snapshot.tokens, ({ minted, notMinted }) => {
        const wrong = [
          ...notMinted.map((name) => `${name} is not minted`),
          ...minted.flatMap((token) => wrongWith(token, minimumDays, now)),
        ];
        return wrong.length > 0 ? failed(wrong.join("; ")) : passed(`${minted.length} valid`);
      }),
  },
  {
    id: "tokens-due",
    area: "tokens",
    title: "no token waits for an update",
    see: runbook("AtticTokenRotationOverdue"),
    only: "status",
    expected: () => "none is late, and none is declared otherwise than it is deployed",
    judge: ({ snapshot, now }) =>
      judged(snapshot.tokens, ({ minted }) => {
        const waiting = minted.filter((token) => waits(token, now));
        return waiting.length > 0
          ? failed(waiting.map(({ name, notes }) => `${name}: ${notes.join(", ") || "late"}`).join("; "))
          : passed("none");
      }),
  },
  {
    id: "routes",
    area: "routes",
    title: "Traefik's objects are there",
    see: "docs/ingress.md",
    skip: closed,
    expected: ({ snapshot }) => allOf(snapshot.routes),
    judge: ({ snapshot }) => judged(snapshot.routes, present),
  },
  {
    id: "policies",
    area: "policies",
    title: "the NetworkPolicies are there",
    see: "docs/network.md",
    skip: ({ config }) => without(!config.network.enabled, "the stack makes no NetworkPolicies"),
    expected: ({ snapshot }) => allOf(snapshot.policies),
    judge: ({ snapshot }) => judged(snapshot.policies, present),
  },
];

/** Whether all of the declared objects are there. */
export const present = ({ declared, missing }: Objects): Verdict =>
  missing.length > 0 ? failed(`missing: ${missing.join(", ")}`) : passed(`all ${declared} are there`);

/** How many objects are expected. */
export const allOf = (part: Facts["snapshot"]["routes"]) =>
  part?.is === "there" ? `all ${part.value.declared}` : "all of them";

function lasting({ ready, why, notAfter, renewal }: Certificate, minimumDays: number, now: Date): Verdict {
  if (!ready) return failed(`not ready: ${why}`);
  if (!notAfter) return failed("it does not say when it ends");
  const time = now.getTime() / 1000;
  const left = secondsOf(notAfter) - time;
  if (left <= 0) return failed(`it ended ${formatDuration(-left)} ago`);
  const overdue = renewal ? time - secondsOf(renewal) : 0;
  const words = `${formatDuration(left)} left`;
  // One that lives for a week is always about to end, but not always due.
  if (left < minimumDays * day && overdue >= 0) return failed(words);
  if (renewal && overdue > late.renewal) {
    return failed(`${words}, and its renewal was due ${formatDuration(overdue)} ago`);
  }
  return passed(words);
}

function wrongWith(
  { name, expires, rotates, revoked }: TokenTimes,
  minimumDays: number,
  now: Date,
): string[] {
  if (revoked) return [`${name} is revoked in the stack's file`];
  const left = secondsOf(expires) - now.getTime() / 1000;
  if (left <= 0) return [`${name} ended ${formatDuration(-left)} ago`];
  // A token with a short lead is due shortly before its end; then half of its lead counts.
  const lead = secondsOf(expires) - secondsOf(rotates);
  return left < minimumDays * day && left < lead / 2 ? [`${name} ends in ${formatDuration(left)}`] : [];
}

/** A schedule that runs daily is never exact; a root token and a changed declaration wait for a person. */
function waits({ byHand, rotates, notes }: TokenTimes, now: Date): boolean {
  const overdue = now.getTime() / 1000 - secondsOf(rotates);
  if (byHand) return notes.length > 0;
  return overdue > late.rotation || (notes.length > 0 && overdue < 0);
}
