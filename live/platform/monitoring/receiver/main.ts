/**
 * What somebody on call would be told: a stand-in for a telephone. Takes Alertmanager's webhook and writes each
 * notification as a line of JSON, with the time at which it came.
 *
 *     node live/platform/monitoring/receiver/main.ts ADDRESS PORT FILE
 */
import { appendFile } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";

const [address, port, file] = process.argv.slice(2);
if (!address || !port || !file) throw new Error("usage: node receiver/main.ts ADDRESS PORT FILE");

const server = createServer(async (request, response) => {
  const body: Buffer[] = [];
  try {
    for await (const chunk of request) body.push(chunk as Buffer);
    const notification = JSON.parse(Buffer.concat(body).toString()) as object;
    await appendFile(file, `${JSON.stringify({ at: new Date().toISOString(), ...notification })}\n`);
    response.writeHead(204).end();
  } catch (error) {
    console.error((error as Error).message);
    // Alertmanager tries again after a 5xx.
    response.writeHead(500).end();
  }
});
server.listen(Number(port), address, () => console.log(`listening on ${address}:${port}`));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
