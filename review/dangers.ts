import { kindOf, type Step } from "./steps.ts";

/** What is lost with a resource; whatever is not here is made anew without loss. */
const losses: Readonly<Record<string, string>> = {
  Namespace: "everything in the namespace, the database and its volumes with it",
  Cluster: "the database: every cache's metadata since the last backup",
  Bucket: "the bucket: all that it holds",
  ObjectStore: "the way to the backups; the backups themselves stay",
  Certificate: "the certificate; clients see errors until another is issued",
  IngressRoute: "the routes; clients see errors until they are made again",
  Deployment: "the running pods; requests fail until others are ready",
  Service: "the address of the pods; requests fail until it is made again",
  Secret: "the Secret; pods that start without it fail",
};

/** A deletion or replacement, and what is lost by it. */
export interface Danger {
  step: Step;
  loss: string;
}

/** Deletions and replacements, those with a loss first. */
export function dangers(steps: readonly Step[]): Danger[] {
  return steps
    .filter(({ change }) => change === "delete" || change === "replace")
    .map((step) => ({ step, loss: lossOf(step) }))
    .toSorted((a, b) => Number(b.loss !== "") - Number(a.loss !== ""));
}

function lossOf(step: Step): string {
  const kind = kindOf(step);
  if (kind !== "PrivateKey") return losses[kind] ?? "";
  return step.name.startsWith("cache-")
    ? "a cache's signing key: clients no longer trust what it signed"
    : "the signing key: every token that was minted before is void";
}
