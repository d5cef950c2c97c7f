/** What passes between a test and the client on the ground that asks for the same things again and again. */

/** A request that is made again and again, whether the one before was answered or not. */
export interface Watch {
  /** What it is called in the answers. */
  name: string;
  /** Of the URL, with the slash that it begins with. */
  path: string;
  /** The header, whole, such as `Bearer …`. */
  authorization?: string;
  /** Seconds from one to the next. */
  everySeconds: number;
}

/** What came of one. */
export interface Seen {
  name: string;
  /** When it was sent, in milliseconds since 1970. */
  at: number;
  /** How long it took. */
  seconds: number;
  /** 0 when there was no answer within two minutes, or the connection broke. */
  status: number;
}
