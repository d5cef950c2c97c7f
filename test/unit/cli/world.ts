import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { stringify } from "yaml";
import { type Cluster, ClusterError } from "../../../cli/cluster/index.ts";
import type { Deployed } from "../../../cli/deployed.ts";
import {
  type Deployment,
  type Deployments,
  noState,
  type StateResource,
} from "../../../cli/deployments/index.ts";
import { run } from "../../../cli/run.ts";
import { calendar } from "../../../components/tokens/calendar.ts";
import { mint } from "../../../components/tokens/mint.ts";
import { type PublishedToken, published } from "../../../components/tokens/published.ts";
import { loadStackConfig } from "../../../config/load.ts";
import type { Settings } from "../../../config/schema/index.ts";
import { readStackFile } from "../../../config/stack-file.ts";
import { type TestKey, testKey } from "../../support/keys.ts";
import { least, providerSettings } from "../../support/settings.ts";

type Tokens = NonNullable<Settings["tokens"]>;

/** When the stack's key was made, and its root tokens asked for. */
export const made = "2026-11-21T08:00:00.000Z";

/** So many days after that. */
export const after = (days: number) => new Date(Date.parse(made) + days * 86_400_000);

/** A token of each kind. */
export const everyKind: Tokens = {
  ci: { "gitlab-main": { caches: { main: ["pull", "push"] }, gitlab: { group: "platform" } } },
  readOnly: { developers: { caches: { "*": ["pull"] } } },
  service: { warmer: { caches: { main: ["pull", "push"], "dev-*": ["pull"] }, inCluster: false } },
  root: {
    admin: {
      caches: {
        "*": [
          "pull",
          "push",
          "delete",
          "createCache",
          "configureCache",
          "configureCacheRetention",
          "destroyCache",
        ],
      },
    },
  },
};

/** What a command printed, and its exit code. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  json(): any;
}

/** How a command is run. */
export interface How {
  /** Days after the key was made. @default 1 */
  day?: number;
  env?: NodeJS.ProcessEnv;
  /** What is piped in. @default nothing */
  stdin?: string;
  /** A person types this at a terminal. */
  typed?: string;
  /** Standard output is a terminal. @default false */
  terminal?: boolean;
  cwd?: string;
  /** The stack's cluster. @default there is no kubeconfig */
  cluster?: Cluster;
  /** Runs the engine's operations. @default there is no engine */
  operate?: Deployments["operate"];
  /** What the stack's state has besides. @default nothing */
  state?: readonly StateResource[];
  /** Told of every wait, in milliseconds; nobody waits. */
  slept?: number[];
  /** Columns of the terminal. */
  columns?: number;
  /** What happens during a wait. */
  meanwhile?: () => void;
}

/** A project folder with a stack `test`, and what its last update left behind. */
export interface TestProject {
  folder: string;
  file: string;
  key: TestKey;
  /** What the stack file says. */
  text(): string;
  /** Declares other tokens, without an update. */
  declare(tokens: Tokens, settings?: Partial<Settings>): void;
  /** Does to the outputs what an update on a day would. */
  update(day: number): Promise<Deployed>;
  /** The outputs of the last update. */
  deployed(): Deployed;
  /** Every secret that commands could give away. */
  secrets(): string[];
  /** Runs `atticctl --stack test …`. */
  run(args: string[], how?: How): Promise<Ran>;
  remove(): void;
}

/** Makes a project; nothing is deployed before an `update`. */
export function testProject(tokens: Tokens = everyKind, settings: Partial<Settings> = {}): TestProject {
  const folder = mkdtempSync(join(tmpdir(), "atticctl-"));
  const file = join(folder, "Pulumi.test.yaml");
  const key = testKey("cli");
  const old = testKey("cli-old");
  let outputs: Deployed | undefined;

  const declare: TestProject["declare"] = (tokens, more = settings) => {
    const attic = Object.entries({ ...least, ...more, tokens }).map(([name, value]) => [
      `attic:${name}`,
      value,
    ]);
    // Password of a secret is in the settings' reference, so no value is encrypted.
    writeFileSync(file, stringify({ config: { ...providerSettings, ...Object.fromEntries(attic) } }));
  };
  writeFileSync(join(folder, "Pulumi.yaml"), "name: attic\nruntime: nodejs\n");
  declare(tokens);

  const project: TestProject = {
    folder,
    file,
    key,
    declare,
    text: () => readFileSync(file, "utf8"),
    deployed: () => outputs as Deployed,
    async update(day) {
      const config = loadStackConfig(readStackFile(folder, "test"), "Pulumi.test.yaml");
      const roots = Object.fromEntries(Object.keys(config.tokens.root).map((name) => [name, made]));
      const minted = await mint(
        config,
        calendar(config, after(day), { key: made, roots }),
        key.privateKeyPem,
      );
      outputs = {
        url: "https://nix-cache.example.com/",
        tokens: Object.fromEntries(minted.map((token) => [token.name, published(token)])),
        tokenAnchor: made,
        publicKeyBase64: Buffer.from(key.publicKeyPem).toString("base64"),
        caches: {},
        cacheKeyPairs: { main: "main:a-secret-key-pair" },
      };
      return outputs;
    },
    secrets: () => [
      ...Object.values(outputs?.tokens ?? {}).flatMap((token: PublishedToken) =>
        [token.secret, token.previous?.secret].flatMap((secret) =>
          secret ? [secret, signatureOf(secret)] : [],
        ),
      ),
      ...key.privateKeyPem.split("\n").slice(1, -2),
      "a-secret-key-pair",
    ],
    run: (args, how = {}) =>
      runIn(
        project,
        deploymentOf(() => outputs, { key, old }, how.state),
        args,
        how,
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return project;
}

const signatureOf = (jwt: string) => jwt.split(".")[2] as string;

/** The state of a stack: its key, one that waits to be deleted, and the key of a cache. */
function deploymentOf(
  outputs: () => Deployed | undefined,
  keys: { key: TestKey; old: TestKey },
  more: readonly StateResource[] = [],
): Deployment {
  const parent = (type: string) => `urn:pulumi:test::attic::${type}::signing-key`;
  const resource = (key: TestKey, of: string, more: Partial<StateResource> = {}): StateResource => ({
    urn: "urn:pulumi:test::attic::…",
    type: "tls:index/privateKey:PrivateKey",
    parent: parent(of),
    outputs: { publicKeyPem: key.publicKeyPem, privateKeyPem: asSecret(key.privateKeyPem) },
    ...more,
  });
  return {
    outputs: async () => ({ ...outputs() }),
    resources: async () => [
      { urn: "urn:pulumi:test::attic::pulumi:pulumi:Stack::attic-test", type: "pulumi:pulumi:Stack" },
      resource(keys.old, "attic:tokens:SigningKey", { delete: true }),
      resource(keys.key, "attic:caches:Caches", { outputs: { publicKeyPem: keys.key.publicKeyPem } }),
      resource(keys.key, "attic:tokens:SigningKey"),
      {
        urn: "urn:pulumi:test::attic::attic:tokens:Tokens$kubernetes:core/v1:Secret::attic-ci-tokens",
        type: "kubernetes:core/v1:Secret",
      },
      ...more,
    ],
  };
}

/** As `pulumi stack export --show-secrets` writes a secret. */
const asSecret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

async function runIn(project: TestProject, deployment: Deployment, args: string[], how: How): Promise<Ran> {
  const {
    day = 1,
    env = {},
    stdin = "",
    typed,
    terminal = false,
    cwd = project.folder,
    slept = [],
    cluster,
    operate,
    meanwhile,
    columns,
  } = how;
  const printed = { stdout: "", stderr: "" };
  const screen = (name: keyof typeof printed, isTTY: boolean) => ({
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const input = new PassThrough();
  input.end(typed ?? stdin);
  const code = await run(args.includes("--stack") ? args : ["--stack", "test", ...args], {
    env: { NO_COLOR: "1", ...env },
    cwd,
    now: after(day),
    elapsed: () => slept.reduce((sum, each) => sum + each, 0),
    stdin: Object.assign(input, { isTTY: typed !== undefined }),
    stdout: screen("stdout", terminal),
    stderr: screen("stderr", terminal),
    deployments: {
      selected: async () => env.SELECTED,
      open: async (_folder, stack) => {
        if (stack.split("/").at(-1) !== "test") throw noState(stack);
        return deployment;
      },
      operate:
        operate ??
        (async () => {
          throw new Error("this test has no engine");
        }),
    },
    clusters: {
      open: async () => {
        if (cluster) return cluster;
        throw new ClusterError("noKubeconfig", "there is no kubeconfig", "set KUBECONFIG");
      },
    },
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      meanwhile?.();
    },
  });
  return { code, ...printed, json: () => JSON.parse(printed.stdout) };
}
