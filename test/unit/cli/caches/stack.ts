import type { Settings } from "../../../../config/schema/index.ts";
import { type AtticServer, type StubCache, startAtticServer } from "../../../support/attic-server.ts";
import { nixKeys } from "../../../support/nix-keys.ts";
import { after, type How, type Ran, type TestProject, testProject } from "../world.ts";

type Caches = NonNullable<Settings["caches"]>;

/** A stack that declares caches and was brought up, and its server: a stub. */
export interface CacheStack {
  project: TestProject;
  server: AtticServer;
  /** Declares other caches, and brings them up unless told otherwise. */
  declare(caches: Caches, deployed?: boolean): void;
  /** Runs `atticctl caches …` through a port-forward, as it were. */
  caches(...args: string[]): Promise<Ran>;
  /** The same, at a terminal or with another world. */
  cachesWith(how: How, ...args: string[]): Promise<Ran>;
  /** What a run did to the server: methods and caches of the requests that are more than a look. */
  changes(): string[];
  stop(): Promise<void>;
}

/** Brings up a stack with a server that has no caches yet. */
export async function cacheStack(
  caches: Caches,
  more: { settings?: Partial<Settings>; softDelete?: boolean; now?: () => Date } = {},
): Promise<CacheStack> {
  // Every command is run on the first day.
  const { settings = {}, softDelete = false, now = () => after(1) } = more;
  const project = testProject({}, { ...settings, caches });
  await project.update(0);
  const server = await startAtticServer({
    publicKey: project.key.publicKeyPem,
    allowedHosts: ["nix-cache.example.com"],
    softDelete,
    now,
  });
  const declare: CacheStack["declare"] = (caches, deployed = true) => {
    project.declare({}, { ...settings, caches });
    if (!deployed) return;
    const names = Object.keys(caches);
    project.deployed().caches = Object.fromEntries(
      names.map((name) => [
        name,
        { url: `https://nix-cache.example.com/${name}`, publicKey: nixKeys(name).publicKey },
      ]),
    );
    project.deployed().cacheKeyPairs = Object.fromEntries(names.map((name) => [name, nixKeys(name).keyPair]));
  };
  declare(caches);
  const cachesWith: CacheStack["cachesWith"] = (how, ...args) =>
    project.run(["caches", ...args, "--endpoint", server.url], how);
  return {
    project,
    server,
    declare,
    cachesWith,
    caches: (...args) => cachesWith({}, ...args),
    changes: () =>
      server.requests
        .filter(({ method }) => method !== "GET")
        .map(({ method, path }) => `${method} ${path.split("/").pop()}`),
    stop: async () => {
      await server.stop();
      project.remove();
    },
  };
}

/** A cache that somebody made by hand, as `attic cache create` does. */
export const byHand = (name: string, more: Partial<StubCache> = {}): StubCache => ({
  keypair: nixKeys(name, 2).keyPair,
  is_public: false,
  store_dir: "/nix/store",
  priority: 41,
  upstream_cache_key_names: ["cache.nixos.org-1"],
  retention_period: null,
  ...more,
});
