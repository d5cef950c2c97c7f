import { names } from "../../../components/attic/names.ts";
import type { StateResource } from "../../deployments/index.ts";

/**
 * The URNs of what a restore makes anew: the Cluster, and the Job that migrates it. Nothing else is brought up, least of
 * all the garbage collector. They follow from what is beside them in the state and stays there, because they
 * themselves may be gone from it already.
 * @returns undefined where the state has neither, so that all of the stack has to be brought up
 */
export function restoredUrns(resources: readonly StateResource[]): string[] | undefined {
  const store = beside(resources, types.store, names.database);
  const account = beside(resources, types.account, names.migrations);
  if (!store || !account) return undefined;
  return [store.replace(types.store, types.cluster), account.replace(types.account, types.job)];
}

/** What the engine is told to leave out: the garbage collector, in whatever form it runs. */
export const collectorPatterns = (): string[] =>
  Object.values(forms).map((type) => `**${type}::${names.collector}`);

/**
 * The URN of the garbage collector, which may not be in the state. It follows from its ServiceAccount's.
 * @returns undefined where the state does not have that
 */
export function collectorUrn(
  resources: readonly StateResource[],
  runAs: keyof typeof forms,
): string | undefined {
  return beside(resources, types.account, names.collector)?.replace(types.account, forms[runAs]);
}

const beside = (resources: readonly StateResource[], type: string, name: string): string | undefined =>
  resources.find(({ urn, delete: leaving }) => !leaving && urn.endsWith(`${type}::${name}`))?.urn;

const types = {
  store: "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
  cluster: "kubernetes:postgresql.cnpg.io/v1:Cluster",
  account: "kubernetes:core/v1:ServiceAccount",
  job: "kubernetes:batch/v1:Job",
} as const;

const forms = {
  deployment: "kubernetes:apps/v1:Deployment",
  cronJob: "kubernetes:batch/v1:CronJob",
} as const;
