import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { livePaths } from "../../../live/paths.ts";
import { atticctl, inProject, type Said } from "../../../live/stack/deploy.ts";

/** The namespace of the stack. */
export const namespace = "nix-cache";

/** Where everything of the stack is kept that the scenarios are tried on. */
export const paths = livePaths(inject("liveRoot"));

/** Runs a command where someone stands who works on the stack. A failure is a result. */
export const inside = (...command: string[]): Promise<Said> => inProject(paths, command);

/** The same, and what it printed. @throws Error with what it complained of */
export async function output(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await inside(...command);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}: ${stderr || stdout}`);
  return stdout.trim();
}

/** What kubectl prints of the stack's namespace. @throws Error in kubectl's words */
export const kubectl = (...args: string[]): Promise<string> =>
  output("kubectl", `--namespace=${namespace}`, ...args);

/** An object of the stack's namespace, or undefined when there is none. */
export async function object<T>(kind: string, name: string): Promise<T | undefined> {
  const text = await kubectl("get", kind, name, "-o", "json", "--ignore-not-found");
  return text === "" ? undefined : (JSON.parse(text) as T);
}

/** Applies an object, given as in a manifest. */
export async function apply(manifest: object): Promise<void> {
  const { code, stderr } = await inProject(
    paths,
    ["kubectl", "apply", "--server-side", "--force-conflicts", "--filename=-"],
    JSON.stringify(manifest),
  );
  if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
}

/** A command of atticctl that has to succeed. @throws Error with what it said */
export async function ctl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await atticctl(paths, args);
  if (code !== 0) throw new Error(`atticctl ${args.join(" ")}: exit code ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** What a restore leaves off until a person starts it, as its last words tell `verify`. */
export const withoutCollector = ["--skip", "collector-rollout=off after the restore"] as const;

/** The stack's outputs, with secrets. */
export const outputs = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await output("pulumi", "stack", "output", "--json", "--show-secrets")) as Record<
    string,
    unknown
  >;

/**
 * Waits until something is so.
 * @returns seconds that it took
 * @throws Error that names it, with the last complaint
 */
export async function until(
  what: string,
  seconds: number,
  check: () => Promise<boolean>,
  pauseMs = 500,
): Promise<number> {
  const begun = performance.now();
  let complaint = "";
  for (; performance.now() - begun < seconds * 1000; await sleep(pauseMs)) {
    try {
      if (await check()) return (performance.now() - begun) / 1000;
    } catch (error) {
      complaint = `: ${(error as Error).message}`;
    }
  }
  throw new Error(`not within ${seconds} s: ${what}${complaint}`);
}

/** The instance that is primary now. */
export const primary = (cluster = "attic-pg"): Promise<string> =>
  kubectl("get", "cluster", cluster, "-o", "jsonpath={.status.currentPrimary}");

/** Waits until the database has all its instances and is well. */
export const databaseHealthy = (seconds = 240, cluster = "attic-pg"): Promise<number> =>
  until(`all instances of ${cluster} are ready`, seconds, async () => {
    const { spec, status } = (await object<Cluster>("cluster", cluster)) as Cluster;
    return status.readyInstances === spec.instances && status.phase === "Cluster in healthy state";
  });

interface Cluster {
  spec: { instances: number };
  status: { readyInstances?: number; phase?: string };
}

/** What a statement gives in the stack's database, on the primary unless another instance is named. */
export async function sql(statement: string, instance?: string): Promise<string> {
  const pod = instance ?? (await primary());
  const psql = ["psql", "-U", "postgres", "-d", "attic", "-Atc", statement];
  return kubectl("exec", pod, "-c", "postgres", "--", ...psql);
}
