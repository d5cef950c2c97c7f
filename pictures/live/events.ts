import { figure, type LiveRecording, sum } from "./recording.ts";

/** What happened to the stack, and what clients noticed of it. */
export interface Noticed {
  /** What happened. */
  event: string;
  kind: "planned" | "database";
  /** Longest time without an upload that succeeded, in seconds; of what is planned, also without a download. */
  gap: number;
  /** Requests that failed meanwhile. */
  failed: number;
}

/** What somebody does on purpose: the scenario, its own name for it, and ours. */
const planned: readonly [scenario: string, work: string, event: string][] = [
  ["3-rollouts", "rolling restart of the API", "the API is restarted"],
  ["3-rollouts", "changed setting", "a setting of the server is changed"],
  ["3-rollouts", "another replica", "the API gets a replica more"],
  ["3-rollouts", "nodes drained", "the API's nodes are drained"],
  ["3-rollouts", "rolling restart of Traefik", "Traefik is restarted"],
  ["3-tokens", "a token revoked", "a token is revoked"],
  ["3-tokens", "a root token made anew", "a token is made anew"],
];

/** What happens to the database's primary: the scenario, and our name for it. */
const database: readonly [scenario: string, event: string][] = [
  ["the primary's pod is deleted by force", "the primary's pod is deleted by force"],
  ["the primary is restarted where it is", "the primary is restarted where it is"],
  ["another primary is asked for", "another primary is asked for"],
  ["the primary's node is drained", "the primary's node is drained"],
  ["the power of the primary's node fails", "the power of the primary's node fails"],
];

/**
 * What clients noticed of each, in the order in which it is told.
 * @throws Error when the recording lacks one
 */
export function noticed(recording: LiveRecording): Noticed[] {
  const longest = "longest time without an upload, or a download, that succeeded";
  return [
    ...planned.map(
      ([scenario, work, event]): Noticed => ({
        event,
        kind: "planned",
        gap: figure(recording, scenario, `${work}: ${longest}`),
        failed: figure(recording, scenario, `${work}: requests that failed`),
      }),
    ),
    ...database.map(
      ([scenario, event]): Noticed => ({
        event,
        kind: "database",
        gap: figure(recording, scenario, "longest gap between two acknowledged uploads"),
        failed: sum(recording, scenario, /^failed requests, /),
      }),
    ),
  ];
}

/** Rows and uploads that were acknowledged while something happened to the database, and those of them that were lost. */
export const kept = (recording: LiveRecording): { acknowledged: number; lost: number } => {
  const all = (what: RegExp) =>
    database.reduce((total, [scenario]) => total + sum(recording, scenario, what), 0);
  return {
    acknowledged: all(/^acknowledged (rows|uploads)$/),
    lost: all(/^acknowledged (rows|uploads) that were lost$/),
  };
};
