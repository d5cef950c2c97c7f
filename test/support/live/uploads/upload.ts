/** What passes between a test and the client on the ground that uploads. */

/** What it is told, on its input: tokens are in no argument. */
export interface Work {
  /** The cache's endpoint, such as `https://nix-cache.live.test`. */
  endpoint: string;
  cache: string;
  token: string;
  /** Uploads that are begun in a second, until its input ends; 0 when it is to download. */
  rate: number;
  /** Bytes of each. */
  size: number;
  /** What is to be downloaded, once each. */
  wanted: readonly Upload[];
}

/** An upload that the server acknowledged. */
export interface Upload {
  /** Of the store path. */
  hash: string;
  sha256: string;
  /** When it was sent, and when acknowledged: milliseconds since 1970. */
  sent: number;
  acknowledged: number;
}

/** What became of a download. */
export interface Download {
  hash: string;
  /** Whether what came back is what was uploaded, byte by byte. */
  same: boolean;
  /** Of the narinfo; 0 when there was no answer. */
  status: number;
}
