/** What passes between a test and the client on the ground that asks for it. */

/** A request to the stack's own host. */
export interface Ask {
  /** Of the URL, with the slash that it begins with. */
  path: string;
  /** @default "GET" */
  method?: string;
  /** The header, whole, such as `Bearer …`. */
  authorization?: string;
}

/** What came of it. */
export interface Answer {
  /** 0 when there was none. */
  status: number;
  /** Its first 200 characters, or why there was no answer. */
  body: string;
}
