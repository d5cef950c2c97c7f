/**
 * A client of the caches, on the ground: uploads and downloads at a steady rate until its standard input ends, and then
 * asks for everything back that was acknowledged. Nothing is tried twice.
 *
 *     node main.ts <work.json
 */
import { createHash, randomBytes } from "node:crypto";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { unzstd } from "../../../edge/attic-double/zstd.ts";
import { newHash, pathInfo } from "../../nix-path.ts";
import { type Figures, type Route, routes, type Work } from "./work.ts";

const lines = createInterface({ input: process.stdin });
const { value: asked } = await lines[Symbol.asyncIterator]().next();
const work = JSON.parse(asked as string) as Work;
const { endpoint, cache, tokens, pushes = 0, pulls = 0, size = 100_000, first = 3 } = work;

interface Path {
  hash: string;
  sha256: string;
  size: number;
}

interface Seen {
  at: number;
  milliseconds: number;
  why?: string;
}

const begun = performance.now();
const now = () => (performance.now() - begun) / 1000;
const seen: Record<Route, Seen[]> = { push: [], narinfo: [], nar: [] };
const kept: Path[] = [];
const underWay = new Set<Promise<unknown>>();

/** Counts a request, whatever comes of it. */
async function counted<T>(route: Route, does: () => Promise<T>): Promise<T | undefined> {
  const at = now();
  try {
    const value = await does();
    seen[route].push({ at, milliseconds: (now() - at) * 1000 });
    return value;
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    seen[route].push({ at, milliseconds: (now() - at) * 1000, why });
    return undefined;
  }
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

async function successful(response: Response): Promise<Buffer> {
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status} ${body.toString("utf8", 0, 200)}`);
  return body;
}

async function push(): Promise<void> {
  const nar = randomBytes(size);
  const hash = newHash();
  const sha256 = createHash("sha256").update(nar).digest("hex");
  const info = pathInfo(cache, hash, "traffic", sha256, size);
  const headers = { ...bearer(tokens.push), "x-attic-nar-info": JSON.stringify(info) };
  const url = `${endpoint}/_api/v1/upload-path`;
  const done = await counted("push", async () =>
    successful(await fetch(url, { method: "PUT", headers, body: nar })),
  );
  if (done) kept.push({ hash, sha256, size });
}

/** @returns the NAR, unpacked; undefined when it was not to be had */
async function pull({ hash }: Path): Promise<Buffer | undefined> {
  const headers = bearer(tokens.pull);
  const narinfo = await counted("narinfo", async () =>
    (await successful(await fetch(`${endpoint}/${cache}/${hash}.narinfo`, { headers }))).toString(),
  );
  const url = /^URL: (.+)$/m.exec(narinfo ?? "")?.[1];
  if (!url) return undefined;
  const nar = await counted("nar", async () =>
    successful(await fetch(`${endpoint}/${cache}/${url}`, { headers })),
  );
  if (!nar) return undefined;
  return /^Compression: zstd$/m.test(narinfo as string) ? unzstd(nar) : nar;
}

/** Begins something so many times a second, and does not wait for what it began. */
async function steadily(rate: number, begin: () => Promise<unknown>): Promise<void> {
  if (rate === 0) return;
  for (let next = performance.now(); !ended; next += 1000 / rate) {
    await sleep(Math.max(0, next - performance.now()));
    const running = begin().finally(() => underWay.delete(running));
    underWay.add(running);
  }
}

let ended = false;
lines.on("close", () => {
  ended = true;
});

for (let i = 0; i < first; i++) await push();
for (const route of routes) seen[route].length = 0;
const start = now();
process.stdout.write("begun\n");
let turn = 0;
await Promise.all([
  steadily(pushes, push),
  steadily(pulls, async () => {
    const path = kept[turn++ % kept.length];
    if (path) await pull(path);
  }),
]);
const end = now();
await Promise.all(underWay);

const figures: Figures = {
  seconds: end - start,
  routes: Object.fromEntries(
    routes.map((route) => [route, figuresOf(seen[route], start, end)]),
  ) as Figures["routes"],
  acknowledged: kept.length,
  lost: [],
};
for (const path of kept) {
  const nar = await pull(path);
  const same = nar?.length === path.size && createHash("sha256").update(nar).digest("hex") === path.sha256;
  if (!same) figures.lost.push(path.hash);
}
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit();

function figuresOf(all: readonly Seen[], from: number, to: number) {
  const failures = all.filter(({ why }) => why !== undefined);
  const taken = all.filter(({ why }) => why === undefined);
  const times = taken.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const successes = taken.map((each) => each.at + each.milliseconds / 1000).sort((a, b) => a - b);
  const marks = [from, ...successes.filter((each) => each < to), to];
  return {
    requests: all.length,
    failures: failures.map(({ at, milliseconds, why }) => ({
      at: rounded(at - from),
      seconds: rounded(milliseconds / 1000),
      why: why as string,
    })),
    successes: successes.map((each) => rounded(each - from)),
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    longestGap: Math.max(...marks.slice(1).map((mark, index) => mark - (marks[index] as number))),
  };
}

/** To milliseconds. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
