/** Waiting until an applied object does what it is for. */
import { setTimeout as sleep } from "node:timers/promises";
import { InitFailedError, messageOf } from "../../errors.ts";
import type { Context, Props } from "../../provider.ts";
import type { Cluster } from "../cluster.ts";
import { isAnnotated, type KubeObject, label } from "../object.ts";
import { outputsOf } from "../outputs.ts";
import { timeoutOf } from "../timeout.ts";
import { waiterFor } from "./kinds.ts";
import type { Verdict, Waiter } from "./verdict.ts";

export interface Applied {
  readonly id: string;
  readonly news: Props;
  readonly fieldManager: string;
  readonly timeout: number;
}

const SLOWEST_POLL = 1_000;

/**
 * Waits for `applied` and returns its outputs.
 *
 * @throws InitFailedError with the reasons the cluster gives. The object stays, and stays in the state.
 */
export async function ready(
  cluster: Cluster,
  applied: KubeObject,
  { id, news, fieldManager, timeout }: Applied,
  context: Context,
): Promise<Props> {
  const outputs = (live: KubeObject) => outputsOf(live, news, fieldManager);
  if (isAnnotated(news, "pulumi.com/skipAwait")) return outputs(applied);
  let live = applied;
  const fail = (reasons: string[]) => new InitFailedError(id, outputs(live), reasons);

  let waiter: Waiter | undefined;
  try {
    waiter = waiterFor(applied);
  } catch (error) {
    throw fail([messageOf(error)]);
  }
  if (waiter === undefined) return outputs(applied);

  const { signal } = context;
  const seconds = timeoutOf(timeout, news);
  const started = Date.now();
  let shown = "";
  try {
    for (let delay = 50; ; delay = Math.min(delay * 1.5, SLOWEST_POLL)) {
      const verdict: Verdict = await waiter.judge(live, { cluster, signal, elapsed: Date.now() - started });
      if (verdict.state === "ready") break;
      const explain = async () => (await waiter.explain?.(live, { cluster, signal })) ?? [];
      if (verdict.state === "failed") throw fail([verdict.reason, ...(await explain())]);
      if (Date.now() - started > seconds * 1_000) {
        throw fail([
          `${label(live)} was not ready within ${seconds} s: ${verdict.waitingFor}`,
          ...(await explain()),
        ]);
      }
      if (verdict.waitingFor !== shown) context.status(`Waiting: ${verdict.waitingFor}`);
      shown = verdict.waitingFor;
      await sleep(delay, undefined, { signal });
      const next = await cluster.get(live, { signal });
      if (next === undefined) throw fail([`${label(live)} was deleted while waiting for it`]);
      live = next;
    }
  } catch (error) {
    if (error instanceof InitFailedError) throw error;
    // The object is there, whatever ended the wait: losing it from the state would leave it behind.
    throw fail([signal.aborted ? `cancelled while ${shown || "waiting"}` : messageOf(error)]);
  } finally {
    if (shown !== "") context.status("");
  }
  return outputs(live);
}
