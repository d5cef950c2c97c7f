/** What the ingress answered to one request, or why it did not. */
export interface Probe {
  /** The cache that was asked for. */
  cache: string;
  /** The declared token that was sent; left out when none was, or a made-up one. */
  token?: string;
  /** The HTTP status; left out when there was no answer. */
  status?: number;
  /** The server's name for its error. */
  code?: string;
  /** From the answer's body. */
  storeDir?: string;
  /** Why there was no answer. */
  error?: string;
}

/** What was asked of the ingress. A question that the stack gives no occasion for is left out. */
export interface Probes {
  /** Where. */
  url: string;
  /** A declared cache, with a token that may pull from it or, if it is public, without one. */
  reading?: Probe;
  /** A private cache, without a token. */
  anonymous?: Probe;
  /** A private cache, with a token that nobody of the stack signed. */
  forged?: Probe;
  /** Every current token, on a cache that it names. */
  tokens: Probe[];
}
