import { firing } from "./on-call.ts";
import { type Figures, startTraffic, token } from "./traffic/index.ts";
import { routes } from "./traffic/work.ts";
import { type Seen, startWatching } from "./watching/index.ts";
import { kubectl, until } from "./world.ts";

/** Something that is away for a while, under traffic. */
export interface Away {
  /** Takes it away. */
  take(): Promise<void>;
  /** Brings it back. Resolves when it is told to come, which need not be when it is there. */
  bringBack(): Promise<void>;
  /** How long it is away at least. */
  seconds: number;
  /** The alert that it stays away for, if that takes longer; no longer than four minutes in all. */
  page?: string;
}

/** What was seen of it. Times are milliseconds since 1970. */
export interface Outage {
  begun: number;
  /** When it was brought back. */
  over: number;
  /** What was asked for again and again: `root`, `info` (of a cache), `miss` (a narinfo that is not there). */
  watched: readonly Seen[];
  /** What uploads and downloads came to. */
  traffic: Figures;
  /** What became of single requests: those that were watched, and those of the traffic. */
  requests: Request[];
  /** The fewest ready pods of the API. */
  fewestReady: number;
  /** Containers of the API's pods that were started again. */
  restarts: number;
}

/** One request. */
export interface Request {
  kind: string;
  /** When it was sent; for a success of the traffic, when it was answered. */
  at: number;
  seconds: number;
  ok: boolean;
  why: string;
}

/** How long requests have to go well before, and again after. */
const calm = 10;
const longest = 240;

/** Has something be away, and looks on. */
export async function outage({ take, bringBack, seconds, page }: Away): Promise<Outage> {
  const authorization = `Bearer ${await token("developers")}`;
  const watching = await startWatching([
    { name: "root", path: "/", everySeconds: 1 },
    { name: "info", path: "/main/nix-cache-info", authorization, everySeconds: 1 },
    { name: "miss", path: `/main/${"0".repeat(32)}.narinfo`, authorization, everySeconds: 1 },
  ]);
  // Few enough that those that wait for half a minute are no more than one client may have under way.
  const traffic = await startTraffic({ pushes: 0.8, pulls: 1, size: 100_000 });
  const trafficBegun = Date.now();
  const before = await restartCount();
  let fewestReady = Number.POSITIVE_INFINITY;
  let looking = true;
  const looked = (async () => {
    for (; looking; await pause(1)) {
      // A look that fails tells nothing of the pods, and the next one comes in a second.
      fewestReady = Math.min(fewestReady, await readyCount().catch(() => fewestReady));
    }
  })();
  let begun = 0;
  let over = 0;
  let figures: Figures;
  let watched: readonly Seen[];
  try {
    await pause(calm);
    begun = Date.now();
    await take();
    await pause(seconds);
    if (page)
      await until(`${page} fires`, longest - seconds, async () => (await firing()).includes(page), 1000);
  } finally {
    try {
      await bringBack();
      over = Date.now();
      // Until uploads succeed again, however long it takes them: what was asked meanwhile waits for an answer.
      await until("a cache's info is answered again", 180, async () =>
        watching.seen().some(({ name, at, status }) => name === "info" && at > over && status === 200),
      );
      await pause(calm);
    } finally {
      looking = false;
      await looked;
      figures = await traffic.stop();
      watched = await watching.stop();
    }
  }
  return {
    begun,
    over,
    watched,
    traffic: figures,
    requests: [...watched.map(watchedRequest), ...trafficRequests(figures, trafficBegun)],
    fewestReady,
    restarts: (await restartCount()) - before,
  };
}

/** Those that were sent while it was away. */
export const meanwhile = ({ begun, over, requests }: Outage, kind: string): Request[] =>
  requests.filter((each) => each.kind === kind && each.at >= begun && each.at < over);

/** Seconds from the return until the first success of a request that was sent, or answered, after it. */
export function recovered({ over, requests }: Outage, kind: string): number {
  const good = requests.filter((each) => each.kind === kind && each.ok && each.at >= over);
  const ends = good.map(({ at, seconds }) => at + seconds * 1000);
  return (Math.min(...ends) - over) / 1000;
}

const expected: Record<string, number> = { root: 200, info: 200, miss: 404 };

const watchedRequest = ({ name, at, seconds, status }: Seen): Request => ({
  kind: name,
  at,
  seconds,
  ok: status === expected[name],
  why: String(status),
});

const trafficRequests = (figures: Figures, begun: number): Request[] =>
  routes.flatMap((kind) => [
    ...figures.routes[kind].failures.map(
      ({ at, seconds, why }): Request => ({ kind, at: begun + at * 1000, seconds, ok: false, why }),
    ),
    ...figures.routes[kind].successes.map(
      (at): Request => ({ kind, at: begun + at * 1000, seconds: 0, ok: true, why: "" }),
    ),
  ]);

const readyCount = async (): Promise<number> =>
  Number(await kubectl("get", "deployment", "attic", "-o", "jsonpath={.status.readyReplicas}"));

async function restartCount(): Promise<number> {
  const selector = "--selector=app.kubernetes.io/name=attic";
  const counts = "-o=jsonpath={.items[*].status.containerStatuses[*].restartCount}";
  return (await kubectl("get", "pods", selector, counts))
    .split(" ")
    .reduce((sum, each) => sum + Number(each), 0);
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
