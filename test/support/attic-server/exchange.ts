import type { IncomingHttpHeaders } from "node:http";

/** A request as it arrived. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

export const json = { "content-type": "application/json" };
/** An answer in the words of the server's framework, which is no JSON. */
export const plain = (status: number, text = ""): Answer => ({
  status,
  headers: text ? { "content-type": "text/plain; charset=utf-8" } : {},
  text,
});
