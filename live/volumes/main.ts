/**
 * Makes, enlarges and removes the volumes of the nodes, until it is ended. It runs where the nodes see what it mounts.
 *
 *     node live/volumes/main.ts KUBECONFIG FOLDER
 */
import { mkdir, rm } from "node:fs/promises";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { bytes } from "../../config/quantity.ts";
import { kubeClient } from "../../embedded/control-plane/client.ts";
import { type Claim, decide, type Growth, storageClassManifest, type Volume } from "./decide.ts";
import { growDisk, makeDisk, mountAll, refused, removeDisk } from "./disk.ts";

const pauseMs = 250;
const volumesPath = "/api/v1/persistentvolumes";
const manager = "live-volumes";

const [kubeconfig, folder] = process.argv.slice(2);
if (!kubeconfig || !folder) throw new Error("usage: node live/volumes/main.ts KUBECONFIG FOLDER");
const client = await kubeClient(kubeconfig);
const without = await refused(folder);
console.log(
  without ? `volumes are folders, as large as the machine's disk: ${without}` : "volumes are disks",
);
if (!without) await mountAll(folder);

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
  const { make, grow, remove } = decide(folder as string, claims.items, volumes.items);
  for (const volume of make) {
    const { local, capacity } = volume.spec;
    if (without) await mkdir(local.path, { recursive: true });
    else await makeDisk(local.path, bytes(capacity.storage));
    await client.apply(`${volumesPath}/${volume.metadata.name}`, volume, manager);
    console.log(
      `made ${volume.metadata.name} for ${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`,
    );
  }
  for (const each of grow) {
    await enlarge(each);
    console.log(`enlarged ${each.name} to ${each.storage}`);
  }
  for (const { name, path } of remove) {
    await (without ? rm(path, { recursive: true, force: true }) : removeDisk(path));
    await client.call("DELETE", `${volumesPath}/${name}`);
    console.log(`removed ${name}`);
  }
}

/** As a driver's resizer does: the disk, what the cluster thinks of it, and what whoever asked for it is told. */
async function enlarge({ name, path, claim, storage }: Growth): Promise<void> {
  if (!without) await growDisk(path, bytes(storage));
  const capacity = { storage };
  const merge = (to: string, body: object) =>
    client.json("PATCH", to, { body, contentType: "application/merge-patch+json" });
  await merge(`${volumesPath}/${name}`, { spec: { capacity } });
  const status = `/api/v1/namespaces/${claim.namespace}/persistentvolumeclaims/${claim.name}/status`;
  await merge(status, { status: { capacity, conditions: null } });
}
