/**
 * Enforces the cluster's NetworkPolicies for the pods of one node, until it is ended. Test equipment: it stands in for
 * the policy engine of a real cluster's network.
 *
 *     node live/network-policies/main.ts KUBECONFIG NODE POD_NETWORK
 *
 * It runs in the network, mounts and processes of its node, and ends with it; what it has set stays as long as they
 * do. KUBECONFIG is the cluster's user's: a node may not read policies.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeClient } from "../../embedded/control-plane/client.ts";
import { cniNetwork } from "../nodes/files.ts";
import { script } from "./nft.ts";
import type { NamespaceObject, NetworkPolicyObject, PodObject } from "./objects.ts";
import { addressed, type Sandbox } from "./pods.ts";
import { rulesOf } from "./rules.ts";
import { followSandboxes, sandboxPlaces } from "./sandboxes.ts";
import { mirror } from "./watch.ts";

const [kubeconfig, node, podNetwork] = process.argv.slice(2);
if (!kubeconfig || !node || !podNetwork) {
  throw new Error("usage: node live/network-policies/main.ts KUBECONFIG NODE POD_NETWORK");
}
const log = (...words: unknown[]) => console.log(new Date().toISOString(), ...words);
log("test equipment: stands in for a policy engine, with nftables; knows TCP and UDP over IPv4");

// From here on no pod of the node reaches anybody until it is known.
let applied = script(rulesOf({ podNetwork, own: [], all: [], namespaces: new Map(), policies: [] }).ruleset);
await apply(applied);

const client = await kubeClient(kubeconfig);
let failure = "";
const failed = ({ message }: Error) => {
  // The API server may be away for long.
  if (message !== failure) log(message);
  failure = message;
};
const pods = mirror<PodObject>(client, "/api/v1/pods", changed, failed);
const namespaces = mirror<NamespaceObject>(client, "/api/v1/namespaces", changed, failed);
const policies = mirror<NetworkPolicyObject & { metadata: { uid: string } }>(
  client,
  "/apis/networking.k8s.io/v1/networkpolicies",
  changed,
  failed,
);
let sandboxes: Sandbox[] = [];
let refusedBefore = new Set<string>();
let [asked, working] = [0, false];
for (const each of [pods, namespaces, policies]) void each.follow();
void followSandboxes(sandboxPlaces(cniNetwork), (found) => {
  sandboxes = found;
  changed();
});

/** Brings the node's rules up to date, once for everything that changes meanwhile. */
async function changed(): Promise<void> {
  asked++;
  if (working) return;
  working = true;
  for (let done = -1; done !== asked; ) {
    done = asked;
    try {
      await update();
    } catch (error) {
      failed(error as Error);
      asked++;
      await sleep(250);
    }
  }
  working = false;
}

async function update(): Promise<void> {
  const known = [pods.items(), namespaces.items(), policies.items()] as const;
  const [podObjects, namespaceObjects, policyObjects] = known;
  if (!podObjects || !namespaceObjects || !policyObjects) return;
  const { own, all } = addressed(node as string, podObjects, sandboxes);
  const { ruleset, refused } = rulesOf({
    podNetwork: podNetwork as string,
    own,
    all,
    namespaces: new Map(namespaceObjects.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
    policies: policyObjects,
  });
  for (const each of refused) if (!refusedBefore.has(each)) log(`not understood, so denied: ${each}`);
  refusedBefore = new Set(refused);
  const text = script(ruleset);
  if (text === applied) return;
  const begun = performance.now();
  await apply(text);
  applied = text;
  const rules = ruleset.egress.length + ruleset.ingress.length;
  const took = Math.round(performance.now() - begun);
  log(`${own.length} pods, ${policyObjects.length} policies, ${rules} rules, set in ${took} ms`);
}

/** Has nft replace the rules, all of them or none. */
async function apply(text: string): Promise<void> {
  const nft = spawn("nft", ["-f", "-"], { stdio: ["pipe", "inherit", "inherit"] });
  nft.stdin.end(text);
  const [code] = (await once(nft, "exit")) as [number | null];
  if (code !== 0) throw new Error(`nft ended with ${code}`);
}
