/**
 * Makes and removes the volumes of the nodes, until it is ended.
 *
 *     node live/volumes/main.ts KUBECONFIG FOLDER
 */
import { mkdir, rm } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeClient } from "../../embedded/control-plane/client.ts";
import { type Claim, decide, storageClassManifest, type Volume } from "./decide.ts";

const pauseMs = 250;
const volumesPath = "/api/v1/persistentvolumes";
const manager = "live-volumes";

const [kubeconfig, folder] = process.argv.slice(2);
if (!kubeconfig || !folder) throw new Error("usage: node live/volumes/main.ts KUBECONFIG FOLDER");
const client = await kubeClient(kubeconfig);

for (let prepared = false; ; await sleep(pauseMs)) {
  try {
    if (!prepared) {
      const path = `/apis/storage.k8s.io/v1/storageclasses/${storageClassManifest.metadata.name}`;
      await client.apply(path, storageClassManifest, manager);
      prepared = true;
    }
    await once();
  } catch (error) {
    // The API server may be away for a while; whatever it was, the next round tries again.
    console.error(new Date().toISOString(), (error as Error).message);
    await sleep(1000);
  }
}

async function once(): Promise<void> {
  const [claims, volumes] = await Promise.all([
    client.json<{ items: Claim[] }>("GET", "/api/v1/persistentvolumeclaims"),
    client.json<{ items: Volume[] }>("GET", volumesPath),
  ]);
  const { make, remove } = decide(folder as string, claims.items, volumes.items);
  for (const volume of make) {
    await mkdir(volume.spec.local.path, { recursive: true });
    await client.apply(`${volumesPath}/${volume.metadata.name}`, volume, manager);
    console.log(
      `made ${volume.metadata.name} for ${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`,
    );
  }
  for (const { name, path } of remove) {
    await rm(path, { recursive: true, force: true });
    await client.call("DELETE", `${volumesPath}/${name}`);
    console.log(`removed ${name}`);
  }
}
