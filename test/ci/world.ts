import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { parse, stringify } from "yaml";
import { SHIPPED } from "../../config/shipped.ts";
import { standInPath } from "../../embedded/providers/index.ts";
import { STAND_INS } from "../../embedded/providers/stand-ins.ts";
import { type Configuration, loadConfiguration } from "../../judges/gitlab-ci/configuration.ts";
import type { Variables } from "../../judges/gitlab-ci/expression.ts";
import { pipelineOf } from "../../judges/gitlab-ci/pipeline.ts";
import { type Scenario, scenarios } from "../../judges/gitlab-ci/scenarios.ts";
import { type AtticServer, startAtticServer } from "../support/attic-server.ts";
import { kubectl, kubectlOutput, sharedControlPlane } from "../support/control-plane.ts";
import { type Checkout, checkout, executable } from "../support/gitlab-ci/checkout.ts";
import { Kept } from "../support/gitlab-ci/kept.ts";
import { type PipelineRun, runJobs } from "../support/gitlab-ci/run.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  type StoredMergeRequest,
  storedProject,
} from "../support/gitlab-server.ts";
import { secretsIn } from "../support/secrets.ts";

export const environments = ["staging", "production"] as const;
export type Environment = (typeof environments)[number];

/** The namespace of an environment's stack. */
export const namespaceOf = (environment: Environment) => `ci-${environment}`;

/** The time of all pipelines, unless one says another. */
export const now = "2026-12-01T08:00:00Z";

/** So many days later. */
export const after = (days: number) => new Date(Date.parse(now) + days * 86_400_000).toISOString();

/** What GitLab's ID token would be; whoever prints it is found out. */
export const idToken = "the-id-token-of-a-job";

/** What encrypts the state. */
export const passphrase = "a passphrase of this test";

/**
 * Checks that cannot pass here: no container runs, so nothing answers and no pod uses anything, and the operators of
 * database and certificates are not there.
 */
const unanswerable = {
  "no-container-runs": [
    "autoscaler-metrics",
    "ingress-serves",
    "ingress-anonymous",
    "ingress-forged",
    "ingress-tokens",
  ],
  "no-operator": ["database-ready", "database-archiving", "backup-age", "certificate"],
};
const verifyFlags = Object.entries(unanswerable)
  .flatMap(([reason, checks]) => checks.map((check) => `--skip ${check}=${reason}`))
  .join(" ");

/** These run the project's own tools, which run this test as well; or are GitLab's. */
const elsewhere = [
  "type-check",
  "lint",
  "unit-tests",
  "config",
  "embedded-tests",
  "semgrep-sast",
  "secret_detection",
];

/** How a pipeline is started. */
export interface Start {
  /** Manual jobs that somebody starts. @default none */
  manual?: string[];
  /** Only these jobs, as when they are started again. @default all */
  only?: string[];
  /** Jobs that are left out otherwise. @default none */
  also?: string[];
  variables?: Variables;
}

/** A project whose pipelines bring up two stacks on the embedded control plane. */
export interface Delivery {
  checkout: Checkout;
  configuration: Configuration;
  gitlab: GitLabServer;
  /** What stands in for the servers, which do not run here. */
  servers: Record<Environment, AtticServer>;
  /** Runs a pipeline of a kind. Each has a number of its own. */
  pipeline(kind: Scenario, start?: Start): Promise<PipelineRun>;
  /** Changes a stack's file, commits it, and pushes that to a branch. @default main */
  change(environment: Environment, settings: Record<string, unknown>, branch?: string): Promise<string>;
  /** All that jobs have printed and kept so far, in whichever pipeline. */
  kept(): readonly string[];
  /** What of it must be in none: of every token that a stack has ever had, and of its keys. */
  secrets: Record<Environment, ReadonlySet<string>>;
  /** The messages of a stack's updates, oldest first. */
  history(environment: Environment): Promise<string[]>;
  /** What kubectl finds in an environment's namespace. */
  get(environment: Environment, ...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Makes it: the checkout, an empty state with both stacks, and a stub of GitLab. Nothing is deployed. */
export async function delivery(): Promise<Delivery> {
  const [copy, gitlab] = [await checkout(), await gitLabServer()];
  const servers = { staging: await serverOf("staging"), production: await serverOf("production") };
  gitlab.owners.set("groups/platform", []);
  gitlab.projects.set("42", storedProject({ mergeRequests: [mergeRequest] }));
  const bin = join(copy.root, "engine");
  standInPath(
    STAND_INS.map(({ name }) => name),
    bin,
  );
  executable(bin, "pulumi", `#!/bin/sh\nexec "${inject("pulumi").path}" "$@"\n`);

  mkdirSync(join(copy.root, "state"));
  const passphraseFile = join(copy.root, "passphrase");
  writeFileSync(passphraseFile, passphrase, { mode: 0o600 });
  const state = {
    PULUMI_BACKEND_URL: `file://${join(copy.root, "state")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
  };
  const engine = {
    ...process.env,
    ...state,
    PULUMI_HOME: join(copy.root, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const pulumi = (...args: string[]) =>
    promisify(execFile)(join(bin, "pulumi"), [...args, "--non-interactive"], {
      cwd: copy.folder,
      env: engine,
      maxBuffer: 1e8,
    });
  /** Commits, and shows GitLab the files. */
  const commit = async (files: Record<string, string>, branch: string) => {
    const id = await copy.commit(files);
    await copy.git("push", "--quiet", "--force", "origin", `HEAD:${branch}`);
    const stored = gitlab.projects.get("42");
    if (stored) stored.commits[id] = stackFiles();
    return id;
  };
  const stackFiles = () =>
    Object.fromEntries(
      environments.map((name) => [
        `Pulumi.${name}.yaml`,
        readFileSync(join(copy.folder, `Pulumi.${name}.yaml`), "utf8"),
      ]),
    );
  const files = Object.fromEntries(environments.map((name) => [`Pulumi.${name}.yaml`, stackFile(name)]));
  await copy.commit(files);
  // Writes how secrets are encrypted into the stack's file.
  for (const name of environments) await pulumi("stack", "init", name);
  await commit({}, "main");

  writeFileSync(
    join(copy.folder, ".gitlab-ci-local-variables.yml"),
    stringify(projectVariables(gitlab, servers, state)),
  );

  const configuration = loadConfiguration(copy.folder);
  const kept = new Kept();
  const secrets = { staging: new Set<string>(), production: new Set<string>() };
  /** A stack has a token and the one before it: those before that are only seen now. */
  const remember = async (name: Environment) => {
    const { stdout } = await pulumi("stack", "export", "--show-secrets", "--stack", name);
    for (const secret of secretsIn(stdout)) secrets[name].add(secret);
  };
  let pipelines = 1000;
  return {
    checkout: copy,
    configuration,
    gitlab,
    servers,
    async pipeline(kind, { manual = [], only, also = [], variables = {} } = {}) {
      pipelines++;
      const all: Variables = {
        ...scenarios[kind],
        CI_API_V4_URL: gitlab.url,
        CI_PIPELINE_ID: String(pipelines),
        ATTICCTL_NOW: now,
        AWS_ID_TOKEN: idToken,
        VERIFY_WAIT: "20s",
        VERIFY_FLAGS: verifyFlags,
        ...variables,
      };
      const jobs = pipelineOf(configuration, all) ?? new Map<string, string>();
      const starts = (name: string): boolean =>
        jobs.has(name) &&
        (jobs.get(name) !== "manual" || manual.includes(name)) &&
        (configuration.jobs.get(name)?.needs ?? []).every(({ job, optional }) =>
          jobs.has(job) ? starts(job) : optional === true,
        );
      const chosen = [...jobs.keys()].filter(
        (name) =>
          starts(name) && (only ? only.includes(name) : !elsewhere.includes(name) || also.includes(name)),
      );
      const run = await runJobs(copy, chosen, { variables: all, path: [bin], manual });
      kept.add(copy, run);
      for (const name of environments) {
        if (chosen.some((job) => job.endsWith(`:${name}`))) await remember(name);
      }
      return run;
    },
    kept: () => kept.texts,
    secrets,
    async change(environment, settings, branch = "main") {
      const name = `Pulumi.${environment}.yaml`;
      const file = parse(readFileSync(join(copy.folder, name), "utf8"));
      for (const [key, value] of Object.entries(settings)) file.config[`attic:${key}`] = value;
      return commit({ [name]: stringify(file) }, branch);
    },
    async history(environment) {
      const { stdout } = await pulumi("stack", "history", "--json", "--stack", environment);
      return (JSON.parse(stdout) as { message: string }[]).map(({ message }) => message).toReversed();
    },
    get: (environment, ...args) => kubectlOutput(["-n", namespaceOf(environment), "get", ...args]),
    async stop() {
      await gitlab.close();
      for (const name of environments) await servers[name].stop();
      for (const name of environments)
        await kubectl(["delete", "namespace", namespaceOf(name), "--wait=false"]);
      copy.remove();
    },
  };
}

/** That the pipelines of kind `mergeRequest` belong to. */
const mergeRequest: StoredMergeRequest = {
  iid: 7,
  title: "Collect garbage faster",
  description: "",
  state: "opened",
  source_branch: "faster-gc",
  target_branch: "main",
  labels: [],
  force_remove_source_branch: false,
  web_url: "https://gitlab.example.com/platform/attic/-/merge_requests/7",
  notes: [],
};

/** What docs/delivery.md has people set, with the scopes that it says. */
function projectVariables(
  gitlab: GitLabServer,
  servers: Record<Environment, AtticServer>,
  state: Record<string, string>,
) {
  const everywhere = (value: string) => ({ type: "variable", values: { "*": value } });
  const role = (name: string) => `arn:aws:iam::000000000000:role/${name}`;
  return {
    ...Object.fromEntries(Object.entries(state).map(([name, value]) => [name, everywhere(value)])),
    CI_API_V4_URL: everywhere(gitlab.url),
    KUBECONFIG: everywhere(sharedControlPlane().kubeconfig),
    AWS_REGION: everywhere("eu-central-1"),
    AWS_PLAN_ROLE_ARN: {
      type: "variable",
      values: { "read/staging": role("staging-plan"), "read/production": role("production-plan") },
    },
    AWS_APPLY_ROLE_ARN: {
      type: "variable",
      values: { staging: role("staging-apply"), production: role("production-apply") },
    },
    CACHES_ENDPOINT: {
      type: "variable",
      values: Object.fromEntries(environments.map((name) => [name, servers[name].url])),
    },
    GITLAB_TOKEN: {
      type: "variable",
      values: Object.fromEntries(
        ["read/staging", "read/production", ...environments].map((scope) => [scope, credentials.maintainer]),
      ),
    },
  };
}

/** A stub of the server that an environment's stack would run: it checks tokens by the key that the stack gave it. */
const serverOf = (environment: Environment): Promise<AtticServer> =>
  startAtticServer({
    // Asked for each time, because the stack does not exist yet.
    get publicKey() {
      const { kubectl: path, kubeconfig } = sharedControlPlane();
      const field = "jsonpath={.data.ATTIC_SERVER_TOKEN_RS256_PUBKEY_BASE64}";
      const args = ["-n", namespaceOf(environment), "get", "secret", "attic-secrets", "-o", field];
      const data = execFileSync(path, args, {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        encoding: "utf8",
      });
      return Buffer.from(Buffer.from(data, "base64").toString(), "base64").toString();
    },
    now: () => new Date(now),
  });

/**
 * The environment's stack file as the project comes with it, in a namespace of the test's, and without waiting for
 * operators that are not here.
 */
function stackFile(environment: Environment): string {
  const { config } = parse(readFileSync(join(SHIPPED, `Pulumi.${environment}.yaml`), "utf8"));
  const database = config["attic:database"];
  return stringify({
    config: {
      ...config,
      "attic:namespace": namespaceOf(environment),
      "attic:database": { ...database, cloudNativePg: { ...database.cloudNativePg, awaitReady: false } },
      "attic:ingress": { ...config["attic:ingress"], awaitCertificate: false },
    },
  });
}
