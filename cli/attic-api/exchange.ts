import * as http from "node:http";
import * as https from "node:https";

/** One request. */
export interface Request {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** After how many milliseconds it is given up. */
  timeout: number;
}

/** What came back, whatever the status. */
export interface Answer {
  status: number;
  location: string | undefined;
  text: string;
}

/** Bytes of an answer that are read; the server's own are below a thousand. */
const most = 1 << 20;

/**
 * Sends a request and reads the whole answer; redirects are not followed, so that nothing is told to another server.
 * It is not `fetch`, which sends no `Host` header but the URL's. Over TLS, a `Host` header is the name that the
 * certificate must have, too, so that a port-forward to an ingress works.
 * @throws what the network says; a DOMException of the name TimeoutError when it took too long
 */
export function exchange({ method, url, headers, body, timeout }: Request): Promise<Answer> {
  const signal = AbortSignal.timeout(timeout);
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
    const sent = request(url, { method, headers, signal }, async (response) => {
      try {
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of response as AsyncIterable<Buffer>) {
          length += chunk.length;
          if (length > most) throw new Error(`the answer is longer than ${most} bytes`);
          chunks.push(chunk);
        }
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, text });
      } catch (error) {
        fail(error);
      }
    });
    sent.on("error", fail);
    sent.end(body);
  });
}
