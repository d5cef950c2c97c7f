/** What the client on the ground is told to do: what passes between it and a test. */

/** Asked for on standard input, so that a token is in no argument. */
export interface Work {
  /** The whole address. */
  url: string;
  /** The header, whole, such as `Bearer …`. */
  authorization?: string;
  /** Requests a second, at most. */
  perSecond: number;
  seconds: number;
}
