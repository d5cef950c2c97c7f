import { once } from "node:events";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";

/** A port of 127.0.0.1 that was free a moment ago: the wished one if it can be had. */
export async function freePort(wish = 0): Promise<number> {
  const server = createServer();
  try {
    server.listen(wish, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    if (wish === 0) throw error;
    return freePort();
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Whether an operator answers as a pod's readiness probe asks it, on a port of 127.0.0.1. */
export function isReady(webhookPort: number): Promise<boolean> {
  return new Promise((settle) => {
    // A kubelet does not check certificates either.
    const sent = request(
      {
        host: "127.0.0.1",
        port: webhookPort,
        path: "/readyz",
        rejectUnauthorized: false,
        agent: false,
        timeout: 2000,
      },
      (response) => {
        response.resume();
        settle(response.statusCode === 200);
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => settle(false));
    sent.end();
  });
}
