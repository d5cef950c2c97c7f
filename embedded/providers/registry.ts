/** Which provider a plugin name means. Each is loaded only when asked for: start-up time is per plugin. */
import type { Provider } from "./provider.ts";

/** Makes an instance of a provider, in the environment that its plugin would run in. */
export type CreateProvider = (env: NodeJS.ProcessEnv) => Provider;

const LOADERS: Record<string, () => Promise<CreateProvider>> = {
  kubernetes: async () => (await import("./kubernetes/index.ts")).kubernetesProvider,
  tls: async () => (await import("./tls/index.ts")).tlsProvider,
  random: async () => (await import("./random/index.ts")).randomProvider,
  aws: async () => (await import("./aws/index.ts")).awsProvider,
};

/** Loads the stand-in called `name` and returns what makes instances of it. */
export async function loadProvider(name: string): Promise<CreateProvider> {
  const load = LOADERS[name];
  if (load === undefined) {
    throw new Error(`no stand-in is called "${name}"; there are: ${Object.keys(LOADERS).join(", ")}`);
  }
  return await load();
}
