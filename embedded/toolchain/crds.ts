import { setTimeout as sleep } from "node:timers/promises";
import { type KubeClient, kubeClient } from "../control-plane/client.ts";
import { type Crd, fetchCrds } from "./crd-fetch.ts";
import { type CrdSet, crdSets } from "./crd-sets.ts";
import { ToolchainError } from "./errors.ts";
import { type ProgressListener, stopwatch } from "./progress.ts";

const collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/** On each definition, which set it came from: what is there at the right version is left alone. */
const annotation = "embedded.attic-pulumi/crd-set";
const servedSeconds = 60;
const parallel = 6;

/**
 * Makes every CRD the program's objects need known to a control plane, and waits until each is
 * established and can be listed. Definitions already there at the pinned version are not touched.
 *
 * @param kubeconfig path of the administrator's kubeconfig
 * @returns how many definitions were applied: 0 when all were there
 * @throws ToolchainError naming the set that cannot be had
 * @throws KubeError when the API server refuses one
 */
export async function ensureCrds(options: {
  kubeconfig: string;
  sets?: readonly CrdSet[];
  progress?: ProgressListener;
}): Promise<number> {
  const { kubeconfig, sets = crdSets, progress } = options;
  const watch = stopwatch(progress);
  const client = await kubeClient(kubeconfig);
  try {
    const present = await presentCrds(client);
    watch.report({ step: "Fetching CRDs" });
    const wanted = await Promise.all(
      sets.map(async (set) => (await fetchCrds(set)).map((crd) => ({ crd, origin: originOf(set) }))),
    );
    const missing = wanted.flat().filter(({ crd, origin }) => present.get(crd.metadata.name) !== origin);
    let done = 0;
    await inParallel(missing, async ({ crd, origin }) => {
      await client.apply(`${collection}/${crd.metadata.name}`, annotated(crd, origin), "embedded-crds");
      watch.report({
        step: "Applying CRDs",
        done: ++done,
        total: missing.length,
        current: crd.metadata.name,
      });
    });
    if (missing.length > 0)
      await waitUntilServed(
        client,
        missing.map(({ crd }) => crd),
      );
    return missing.length;
  } finally {
    client.close();
    watch.stop();
  }
}

function originOf(set: CrdSet): string {
  return `${set.module}@${set.version} ${set.sum}`;
}

function annotated(crd: Crd, origin: string): Crd {
  return {
    ...crd,
    metadata: { ...crd.metadata, annotations: { ...crd.metadata.annotations, [annotation]: origin } },
  };
}

/** The definitions that are there, by name, and the set each says it is from. Without their 4 MB of schemas. */
async function presentCrds(client: KubeClient): Promise<ReadonlyMap<string, string | undefined>> {
  const { items } = await client.json<{ items: readonly { metadata: Crd["metadata"] }[] }>(
    "GET",
    collection,
    {
      accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    },
  );
  // Of a cluster without any, the API server says null.
  return new Map((items ?? []).map(({ metadata }) => [metadata.name, metadata.annotations?.[annotation]]));
}

/**
 * Waits until each resource can be listed. Established is too early: the API server prepares the storage
 * of a new resource at the first call, and answers 429 until it has.
 */
async function waitUntilServed(client: KubeClient, crds: readonly Crd[]): Promise<void> {
  let waiting = crds.flatMap(({ spec }) =>
    spec.versions
      .filter(({ served }) => served)
      .map(({ name }) => `/apis/${spec.group}/${name}/${spec.names.plural}`),
  );
  for (const end = performance.now() + servedSeconds * 1000; performance.now() < end; await sleep(100)) {
    const refused: string[] = [];
    await inParallel(waiting, async (path) => {
      const { status } = await client.call("GET", `${path}?limit=1`);
      if (status !== 200) refused.push(path);
    });
    if (refused.length === 0) return;
    waiting = refused;
  }
  throw new ToolchainError(
    `The API server does not serve ${waiting.slice(0, 5).join(", ")} ${servedSeconds} s after its CRD was applied.`,
    "Look at the definition's conditions: kubectl get crd NAME -o yaml.",
  );
}

async function inParallel<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const item of queue) await action(item);
    }),
  );
}
