import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { localPaths } from "../../embedded/local/paths.ts";
import { embeddedStack } from "../deployments/index.ts";
import type { OpenedStack } from "../stack.ts";
import { ClusterError } from "./errors.ts";

/** Where the way to a cluster is written. */
export type KubeconfigSource =
  | { from: "files"; paths: string[]; said: string }
  | { from: "text"; text: string; said: string }
  | { from: "pod"; said: string };

/** What a stack's file says of its cluster, beside what the environment does. */
export interface ClusterChoice {
  source: KubeconfigSource;
  /** @default the kubeconfig's current one */
  context?: string;
  /** Another cluster of the kubeconfig than the context's. */
  cluster?: string;
  /** Whether it is the control plane of `npm run local`. */
  embedded: boolean;
}

/**
 * Which kubeconfig and which context, as Pulumi's Kubernetes provider would choose them: the stack's settings, else
 * $KUBECONFIG, else `~/.kube/config`, else the ServiceAccount of the pod that this runs in.
 * @throws ClusterError when there is none
 */
export function chooseCluster(
  stack: Pick<OpenedStack, "name" | "folder" | "raw">,
  env: NodeJS.ProcessEnv,
): ClusterChoice {
  const short = stack.name.split("/").at(-1) as string;
  if (short === embeddedStack) {
    const path = join(localPaths(join(stack.folder, ".local")).controlPlane, "kubeconfig");
    if (!existsSync(path)) {
      throw new ClusterError(
        "noKubeconfig",
        "stack local has no control plane",
        "`npm run local` starts one",
      );
    }
    return { source: { from: "files", paths: [path], said: shortened(path, stack.folder) }, embedded: true };
  }
  const { context, cluster } = settingsOf(stack);
  return {
    source: sourceOf(stack, short, env),
    ...(context && { context }),
    ...(cluster && { cluster }),
    embedded: false,
  };
}

const settingsOf = ({ raw }: Pick<OpenedStack, "raw">) => ({
  context: raw.values["kubernetes:context"],
  cluster: raw.values["kubernetes:cluster"],
});

function sourceOf(
  { folder, raw }: Pick<OpenedStack, "folder" | "raw">,
  stack: string,
  env: NodeJS.ProcessEnv,
): KubeconfigSource {
  const key = "kubernetes:kubeconfig";
  const given = raw.values[key];
  const encrypted = raw.secretKeys.includes(key);
  if (given && !encrypted) {
    const said = `${key} in Pulumi.${stack}.yaml`;
    if (/^\s*\{|\n/.test(given)) return { from: "text", text: given, said };
    const path = given.startsWith("~/") ? join(homeOf(env), given.slice(2)) : given;
    return existing([isAbsolute(path) ? path : join(folder, path)], said);
  }
  if (env.KUBECONFIG) return existing(env.KUBECONFIG.split(delimiter).filter(Boolean), "$KUBECONFIG");
  if (encrypted) {
    throw new ClusterError(
      "noKubeconfig",
      `${key} is encrypted in Pulumi.${stack}.yaml, and is not decrypted here`,
      `set KUBECONFIG to the file that it was made from, or: pulumi config get ${key} --stack ${stack} > FILE`,
    );
  }
  const own = join(homeOf(env), ".kube", "config");
  if (!existsSync(own) && env.KUBERNETES_SERVICE_HOST) {
    return { from: "pod", said: "this pod's ServiceAccount" };
  }
  return existing([own], "~/.kube/config");
}

const homeOf = (env: NodeJS.ProcessEnv) => env.HOME || homedir();

const shortened = (path: string, folder: string) =>
  path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;

function existing(paths: string[], said: string): KubeconfigSource {
  const there = paths.filter((path) => existsSync(path));
  if (there.length > 0) return { from: "files", paths: there, said };
  throw new ClusterError(
    "noKubeconfig",
    `there is no kubeconfig: ${paths.join(", ")} (${said}) does not exist`,
    "set KUBECONFIG, or kubernetes:kubeconfig and kubernetes:context in the stack's file; for EKS: aws eks update-kubeconfig --name CLUSTER",
  );
}

/**
 * Reads the kubeconfig that was chosen, with its context selected.
 * @throws ClusterError when it is none, or has no such context
 */
export function readKubeconfig(make: () => KubeConfig, choice: ClusterChoice): KubeConfig {
  const { source } = choice;
  const config = make();
  try {
    if (source.from === "pod") config.loadFromCluster();
    else if (source.from === "text") config.loadFromString(source.text);
    else merge(config, source.paths, make);
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    throw new ClusterError(
      "noKubeconfig",
      `${source.said} is no kubeconfig: ${line}`,
      "kubectl must be able to read it first: kubectl config view",
    );
  }
  if (choice.context) config.setCurrentContext(choice.context);
  const wanted = config.getCurrentContext();
  const context = wanted ? config.getContextObject(wanted) : null;
  if (!context) {
    const names = config.getContexts().map(({ name }) => name);
    throw new ClusterError(
      "noKubeconfig",
      wanted ? `${source.said} has no context ${wanted}` : `${source.said} selects no context`,
      `it has: ${names.join(", ") || "none"}; choose one with kubernetes:context in the stack's file`,
    );
  }
  if (choice.cluster) pointTo(config, context.name, choice.cluster);
  if (!config.getCurrentCluster()) {
    throw new ClusterError(
      "noKubeconfig",
      `${source.said} has no cluster ${choice.cluster ?? context.cluster}, which context ${wanted} names`,
      "see: kubectl config view",
    );
  }
  return config;
}

/** Has a context mean another cluster; entries are not changed in place. */
function pointTo(config: KubeConfig, context: string, cluster: string): void {
  config.contexts = config.contexts.map((each) => (each.name === context ? { ...each, cluster } : each));
}

/** Of several files the first that has a name counts, as for kubectl; the library's own merging refuses doubles. */
function merge(into: KubeConfig, paths: string[], make: () => KubeConfig): void {
  const read = paths.map((path) => {
    const each = make();
    each.loadFromFile(path);
    return each;
  });
  into.loadFromOptions({
    clusters: firsts(read.flatMap(({ clusters }) => clusters ?? [])),
    contexts: firsts(read.flatMap(({ contexts }) => contexts ?? [])),
    users: firsts(read.flatMap(({ users }) => users ?? [])),
    currentContext: read.find(({ currentContext }) => currentContext)?.currentContext ?? "",
  });
}

const firsts = <T extends { name: string }>(all: T[]) =>
  all.filter(({ name }, index) => all.findIndex((each) => each.name === name) === index);
