import { expectedApis } from "../../components/operators/apis.ts";
import { releases } from "../../components/operators/releases.ts";
import { ConfigError } from "../../config/errors.ts";
import { record } from "../../render/record.ts";
import { CLOCK } from "../clock.ts";
import { type Cluster, ClusterError, openCluster } from "../cluster/index.ts";
import { embeddedStack } from "../deployments/index.ts";
import { type OpenedStack, openStack, type StackOptions } from "../stack.ts";
import type { World } from "../world.ts";
import { checkClients } from "./clients.ts";
import {
  askSelf,
  checkApis,
  checkClock,
  checkMetrics,
  checkNamespace,
  checkStorage,
  checkVersion,
  hasNamespace,
} from "./cluster.ts";
import { type Finding, failed, ok, unseen } from "./finding.ts";
import { checkGitLab } from "./gitlab.ts";
import { leastKubernetes, needsOf } from "./needs.ts";
import { checkObjectStore } from "./object-store.ts";
import type { Outside } from "./outside.ts";
import { checkAdministrator, checkKinds, checkPermissions } from "./permissions.ts";
import { checkNode, checkPulumi, checkState } from "./project.ts";
import { checkRunbooks } from "./runbooks.ts";

/** All that was found about a stack. */
export interface Diagnosis {
  /** Its name; undefined when its file could not be read. */
  stack: string | undefined;
  findings: Finding[];
}

/**
 * Looks at everything that a stack needs, before its first update or when something is odd. Nothing is changed, but for
 * a probe in each bucket, which is deleted again.
 * @param said told what is being looked at
 * @throws CliError when there is no such stack
 */
export async function diagnose(
  world: World,
  options: StackOptions,
  outside: Outside,
  said: (what: string) => void = () => {},
): Promise<Diagnosis> {
  /** This machine's time; the world's is that of the command's beginning. */
  const clock = () => new Date(world.now.getTime() + world.elapsed());
  said("the project");
  const opened = await openOrMistakes(world, options);
  if (opened instanceof ConfigError) {
    const [first = "", ...details] = opened.message.trimEnd().split("\n");
    const todo = "nothing else was looked at but the tools";
    return {
      stack: undefined,
      findings: [failed("configuration", first, todo, details), checkNode(outside.node)],
    };
  }
  const { config, name: stack } = opened;
  const short = stack.split("/").at(-1) as string;
  const pulumi = await checkPulumi(short, world.env);
  const project = [
    ok("configuration", `Pulumi.${short}.yaml has no mistake`),
    checkNode(outside.node),
    pulumi,
    pulumi.state === "ok"
      ? await checkState(opened)
      : unseen("secrets", "without `pulumi` nobody knows the state"),
  ];
  said("the cluster");
  const { cluster, findings } = await inCluster(world, opened, clock);
  try {
    said("what is outside");
    const around =
      short === embeddedStack
        ? [
            unseen(
              "outside",
              "stack local's cloud and ingress are simulated: buckets, DNS and certificates are not asked",
            ),
          ]
        : [
            ...(await checkObjectStore(config, cluster, world.env, outside)),
            ...(await checkClients(config, outside, clock, !cluster || (await hasNamespace(cluster)))).filter(
              ({ check }) => !(rehearsed(world) && check.startsWith("clock")),
            ),
            await checkRunbooks(config, outside),
          ];
    return { stack, findings: [...project, ...findings, ...around, await checkGitLab(config, world)] };
  } finally {
    cluster?.close();
  }
}

async function openOrMistakes(world: World, options: StackOptions): Promise<OpenedStack | ConfigError> {
  try {
    return await openStack(world, options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** With a clock that was set, others' cannot be compared. */
const rehearsed = ({ env }: World) => Boolean(env[CLOCK]?.trim());

async function inCluster(
  world: World,
  opened: OpenedStack,
  clock: () => Date,
): Promise<{ cluster?: Cluster; findings: Finding[] }> {
  let cluster: Cluster | undefined;
  try {
    cluster = await openCluster(world, opened);
    const self = await askSelf(cluster);
    const agreement = rehearsed(world)
      ? unseen("clock", `${CLOCK} sets this machine's, so it was not compared`)
      : checkClock("clock", "the API server", self.time, clock());
    return { cluster, findings: await ask(cluster, self.name, agreement, world, opened) };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    cluster?.close();
    const rest = "operators' APIs, namespace, metrics, storage, permissions, clock";
    return {
      findings: [
        failed("cluster", error.message, error.hint ?? ""),
        unseen(rest, "the cluster was not reached"),
      ],
    };
  }
}

async function ask(
  cluster: Cluster,
  who: string,
  clock: Finding,
  world: World,
  { config, raw, name: stack }: OpenedStack,
): Promise<Finding[]> {
  const { default: program } = await import("../../index.ts");
  const recording = await record(() => program(world.now), {
    stack: stack.split("/").at(-1) as string,
    config: raw,
  });
  const expected = expectedApis(config);
  const installed = releases(config).map((release) => release.name);
  const needs = needsOf(recording, expected.length > 0);
  const kinds = await checkKinds(cluster, needs);
  return [
    await checkVersion(cluster, leastKubernetes(recording)),
    clock,
    await checkApis(cluster, expected),
    // What the stack installs brings its kinds along.
    ...(installed.length > 0 ? [await checkAdministrator(cluster, installed)] : [kinds.finding]),
    await checkPermissions(cluster, who, kinds.resources),
    await checkNamespace(cluster),
    await checkMetrics(cluster),
    await checkStorage(cluster, config),
  ];
}

/** Whether anything is wrong. */
export const isWrong = ({ findings }: Diagnosis) => findings.some(({ state }) => state === "failed");
