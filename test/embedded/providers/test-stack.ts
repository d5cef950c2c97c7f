/** A stack of the real engine with the stand-ins, and a namespace of its own on the real API server. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { LocalWorkspace, type OpMap, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { inject } from "vitest";
import { attachStandIns, STAND_INS, standInPath } from "../../../embedded/providers/index.ts";
import { Api } from "../../../embedded/providers/kubernetes/api.ts";
import { parseSettings } from "../../../embedded/providers/kubernetes/config.ts";
import { loadConnection } from "../../../embedded/providers/kubernetes/kubeconfig.ts";
import type { KubeObject } from "../../../embedded/providers/kubernetes/object.ts";

/** The API server's kubeconfig: the run's own, or one given by hand. */
export function kubeconfig(): string {
  return process.env.ATTIC_TEST_KUBECONFIG ?? inject("controlPlane").kubeconfig;
}

function pulumiPath(): string {
  return process.env.ATTIC_TEST_PULUMI ?? inject("pulumi").path;
}

export interface TestStack {
  /** What the stack consists of; called by each preview and update. */
  program: () => unknown;
  readonly namespace: string;
  /** Asks the API server directly, as someone else than the stack. */
  readonly api: Api;
  preview(): Promise<{ changes: OpMap; text: string }>;
  up(options?: { expectNoChanges?: boolean }): Promise<{ changes: OpMap; outputs: Record<string, unknown> }>;
  refresh(): Promise<OpMap>;
  destroy(): Promise<void>;
  /** The stack's resources as kept in its state, decrypted values hidden. */
  state(): Promise<StateResource[]>;
  /** The failure of an operation: all the engine says. */
  failureOf(operation: Promise<unknown>): Promise<string>;
  close(): Promise<void>;
}

const NAMES = STAND_INS.map(({ name }) => name);

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

export interface StackOptions {
  /** Of the namespace. */
  readonly labels?: Record<string, string>;
  /** Lets the engine start the plugins itself, as users have it; served from here they cost no start. */
  readonly processes?: boolean;
}

/** Opens a stack; close it when done. */
export async function openStack({ labels = {}, processes = false }: StackOptions = {}): Promise<TestStack> {
  const directory = mkdtempSync(join(tmpdir(), "attic-providers-"));
  const bin = join(directory, "bin");
  for (const name of ["bin", "state", "home", "work"]) mkdirSync(join(directory, name));
  symlinkSync(pulumiPath(), join(bin, "pulumi"));
  const path = `${standInPath(NAMES, bin)}${delimiter}${process.env.PATH}`;

  const attached = processes ? undefined : await attachStandIns(NAMES);

  const api = new Api(await loadConnection(parseSettings({ kubeconfig: kubeconfig() }, {}), {}));
  const namespace = `providers-${randomBytes(4).toString("hex")}`;
  await api.request("POST", "/api/v1/namespaces", {
    body: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
  });

  let engine: Stack;
  const self: TestStack = {
    program: () => undefined,
    namespace,
    api,
    async preview() {
      const { changeSummary, stdout, stderr } = await engine.preview({ color: "never", diff: true });
      return { changes: changeSummary, text: stdout + stderr };
    },
    async up(options = {}) {
      const { summary, outputs } = await engine.up({ color: "never", ...options });
      const values = Object.entries(outputs).map(([key, { value }]) => [key, value]);
      return { changes: summary.resourceChanges ?? {}, outputs: Object.fromEntries(values) };
    },
    async refresh() {
      const { summary } = await engine.refresh({ color: "never" });
      return summary.resourceChanges ?? {};
    },
    async destroy() {
      await engine.destroy({ color: "never" });
    },
    async state() {
      // The file itself: an export through the engine would be decrypted.
      const file = join(directory, "state", ".pulumi", "stacks", "providers", "dev.json");
      const { checkpoint } = JSON.parse(readFileSync(file, "utf8"));
      return checkpoint.latest.resources;
    },
    async failureOf(operation) {
      return await operation.then(
        () => {
          throw new Error("this was to fail");
        },
        (error: Error) => error.message,
      );
    },
    async close() {
      rmSync(directory, { recursive: true, force: true });
      attached?.close();
      await api.request("DELETE", `/api/v1/namespaces/${namespace}`);
      api.close();
    },
  };
  engine = await LocalWorkspace.createOrSelectStack(
    {
      stackName: "dev",
      projectName: "providers",
      program: async () => (await self.program()) as Record<string, unknown>,
    },
    {
      // Else it makes a folder for itself, which nobody removes.
      workDir: join(directory, "work"),
      pulumiCommand: await PulumiCommand.get({ root: directory, skipVersionCheck: true }),
      pulumiHome: join(directory, "home"),
      projectSettings: {
        name: "providers",
        runtime: "nodejs",
        backend: { url: `file://${join(directory, "state")}` },
      },
      envVars: {
        PATH: path,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        ...attached?.env,
      },
    },
  );
  return self;
}

/** Finds objects until there is one: what a controller makes takes a moment. */
export async function eventually<Found>(find: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("not found within 15 s");
}

/** Lists a collection. */
export async function list(api: Api, path: string): Promise<KubeObject[]> {
  return (await api.request<{ items: KubeObject[] }>("GET", path)).items;
}
