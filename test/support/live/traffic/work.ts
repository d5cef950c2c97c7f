/** What the client on the ground is told to do, and tells when it is done: what passes between it and a test. */

/** Asked for on standard input, so that tokens are in no argument. */
export interface Work {
  /** The cache's endpoint, such as `https://nix-cache.live.test`. */
  endpoint: string;
  cache: string;
  tokens: { push?: string; pull?: string };
  /** Uploads that are begun in a second. @default 0 */
  pushes?: number;
  /** Downloads that are begun in a second, of what was uploaded: a narinfo and its NAR. @default 0 */
  pulls?: number;
  /** Bytes of each upload. @default 100000 */
  size?: number;
  /** Uploads before anything is counted, so that there is something to download. @default 3 */
  first?: number;
}

/** The kinds of requests. */
export const routes = ["push", "narinfo", "nar"] as const;
export type Route = (typeof routes)[number];

/** How the requests of one kind went. */
export interface RouteFigures {
  requests: number;
  /** Every one that was not answered with success: when it was sent, in seconds from the beginning, after how many
   * more it failed, and why. */
  failures: { at: number; seconds: number; why: string }[];
  /** When those were answered that were: seconds from the beginning, the first first. */
  successes: number[];
  /** Milliseconds. */
  p50: number;
  p99: number;
  longest: number;
  /** Seconds without a success: the longest such span. */
  longestGap: number;
}

/** What the client tells at its end. */
export interface Figures {
  seconds: number;
  routes: Record<Route, RouteFigures>;
  /** Uploads that the server acknowledged. */
  acknowledged: number;
  /** Those of them that it does not give back as they were. */
  lost: string[];
}

/** One path that is large, asked for on standard input. */
export interface LargeWork extends Pick<Work, "endpoint" | "cache"> {
  tokens: { push: string; pull: string };
  /** Bytes. */
  size: number;
}

/** How long it took, there and back; told only where what came back is what was sent. */
export interface LargeFigures {
  pushSeconds: number;
  /** With the unpacking, which goes on meanwhile. */
  pullSeconds: number;
}
