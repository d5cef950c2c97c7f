import { endpointOf } from "../caches/endpoint.ts";
import type { Call } from "../cli.ts";
import { until } from "../cluster/until.ts";
import { judgeAll } from "../status/checks/index.ts";
import { defaultDays, lookAt } from "../status/command.ts";
import { type Looking, look } from "../status/look.ts";
import type { Probes } from "../status/probes.ts";
import { askIngress } from "./ask.ts";
import type { VerifyOptions, VerifyResult } from "./result.ts";
import { reasons } from "./skip.ts";

export type { CheckResult, Outcome, Skip, VerifyOptions, VerifyResult } from "./result.ts";

/**
 * Verifies that a stack is what it declares, looking again until it is or the wait ends. It tells nobody anything and
 * writes nothing: a caller shows the result, and ends with `EXIT.refused` unless it is `ok`.
 * @throws CliError when nothing can be looked at: no stack, no way to its cluster, an unknown check to skip
 */
export async function verifyStack(call: Call, options: VerifyOptions = {}): Promise<VerifyResult> {
  const { world } = call;
  const skipped = reasons(options.skip ?? []);
  const looking = await lookAt({ ...call, options: { ...call.options, prometheus: options.prometheus } });
  const timeout = (options.wait ?? 0) * 1000;
  let looks = 0;
  const verify = async (): Promise<VerifyResult> => {
    looks++;
    const result = await verifyOnce(call, looking, options, skipped, looks);
    options.onLook?.(result);
    return result;
  };
  try {
    return (await until(world, verify, ({ ok }) => ok, { timeout })).seen;
  } finally {
    looking.cluster.close();
  }
}

async function verifyOnce(
  { world }: Call,
  looking: Looking,
  options: VerifyOptions,
  skipped: Readonly<Record<string, string>>,
  looks: number,
): Promise<VerifyResult> {
  const { config } = looking.stack;
  const now = new Date(world.now.getTime() + world.elapsed());
  const snapshot = await look(looking, now);
  const probes = await probe(looking, options, snapshot.embedded);
  const { minimumDays = defaultDays } = options;
  const checks = judgeAll(
    { config, snapshot, now, minimumDays, ...(probes && { probes }) },
    "verify",
    skipped,
  );
  const { stack, time, cluster, namespace, image } = snapshot;
  return {
    version: 1,
    stack,
    time,
    cluster: cluster.server,
    namespace,
    image,
    ok: checks.every(({ outcome }) => outcome !== "failed"),
    looks,
    checks,
  };
}

/** Asks the ingress, where there is one: on the embedded control plane only where another way to it is given. */
async function probe(
  { stack: { config }, deployed }: Looking,
  { endpoint, host }: VerifyOptions,
  embedded: boolean,
): Promise<Probes | undefined> {
  if (endpoint === undefined && (embedded || !config.ingress.enabled)) return undefined;
  const outputs = await deployed();
  const given = { ...(endpoint !== undefined && { endpoint }), ...(host !== undefined && { host }) };
  const { url, host: sent } = endpointOf(outputs.url, config.server.allowedHosts, given);
  return askIngress({ endpoint: url, ...(sent !== undefined && { host: sent }) }, config, outputs);
}
