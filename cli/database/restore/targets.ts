import { names } from "../../../components/attic/names.ts";
import type { StateResource } from "../../deployments/index.ts";

/**
 * The URNs of what a restore makes anew: the Cluster, and the Job that migrates it. Nothing else is brought up, least of
 * all the garbage collector. They follow from what is beside them in the state and stays there, because they
 * themselves may be gone from it already.
 * @returns undefined where the state has neither, so that all of the stack has to be brought up
 */
export function restoredUrns(resources: readonly StateResource[]): string[] | undefined {
  const beside = (type: string, name: string) =>
    resources.find(({ urn, delete: leaving }) => !leaving && urn.endsWith(`${type}::${name}`))?.urn;
  const store = beside(types.store, names.database);
  const account = beside(types.account, names.migrations);
  if (!store || !account) return undefined;
  return [store.replace(types.store, types.cluster), account.replace(types.account, types.job)];
}

const types = {
  store: "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
  cluster: "kubernetes:postgresql.cnpg.io/v1:Cluster",
  account: "kubernetes:core/v1:ServiceAccount",
  job: "kubernetes:batch/v1:Job",
} as const;
