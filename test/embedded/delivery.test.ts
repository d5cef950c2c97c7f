import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { kubeconfigClusters } from "../../cli/cluster/index.ts";
import { type Deployments, pulumiDeployments } from "../../cli/deployments/index.ts";
import { run } from "../../cli/run.ts";
import type { World } from "../../cli/world.ts";
import { standInPath } from "../../embedded/providers/index.ts";
import { applyObject, kubectl, kubectlOutput, sharedControlPlane } from "../support/control-plane.ts";
import { secretsIn } from "../support/secrets.ts";
import { image, least, providerSettings } from "../support/settings.ts";

const namespace = "delivery-test";
const password = "correct-horse-battery";
const older = `ghcr.io/zhaofengli/attic:${"a".repeat(40)}`;
const ancient = `ghcr.io/zhaofengli/attic:${"b".repeat(40)}`;
const start = new Date();
const day = (days: number) => new Date(start.getTime() + days * 86_400_000);

const root = mkdtempSync(join(tmpdir(), "attic-delivery-"));
const folder = join(root, "project");
const file = join(folder, "Pulumi.test.yaml");
const out = join(folder, "out/plan-test");
/** The person's own Pulumi: a `pulumi` and stand-ins for plugins on PATH, a backend in files, a passphrase. */
const own: Record<string, string> = {
  PATH: `${join(root, "bin")}:${process.env.PATH}`,
  PULUMI_HOME: join(root, "home"),
  PULUMI_BACKEND_URL: `file://${join(root, "backend")}`,
  PULUMI_CONFIG_PASSPHRASE: "a passphrase",
};
const before = { ...process.env };
const pulumi = (...args: string[]) =>
  execFileSync("pulumi", [...args, "--stack", "test"], { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });

/** All that any command printed. */
let printed = "";

interface How {
  /** Days after the first deployment. */
  at?: number;
  deployments?: Deployments;
}

async function atticctl(args: string[], { at = 0, deployments = pulumiDeployments }: How = {}) {
  const said = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text;
      printed += text;
    },
  });
  const world: World = {
    env: { ...process.env },
    cwd: folder,
    now: day(at),
    elapsed: () => 0,
    stdin: Readable.from([]),
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    deployments,
    clusters: kubeconfigClusters,
    sleep: async () => {},
  };
  const code = await run(["--stack", "test", ...args], world);
  return { code, ...said, all: said.stdout + said.stderr };
}

/** Sets a value in the stack's file, as a person would. */
function declare(path: string[], value: unknown): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", ...path], value);
  writeFileSync(file, document.toString());
}

const get = (...args: string[]) => kubectlOutput(["-n", namespace, "get", ...args]);
const minReplicas = () => get("hpa", "attic", "-o", "jsonpath={.spec.minReplicas}");
const deploy = (args: string[] = [], how?: How) => atticctl(["deploy", "--yes", "--no-verify", ...args], how);

async function nothingChanges(how?: How): Promise<void> {
  const { code, all } = await atticctl(["preview"], how);
  expect([code, all]).toEqual([0, expect.stringContaining("nothing changes")]);
}

beforeAll(() => {
  for (const each of ["project", "bin", "home", "backend"]) mkdirSync(join(root, each));
  symlinkSync(inject("pulumi").path, join(root, "bin/pulumi"));
  standInPath(["kubernetes", "tls", "random", "aws"], join(root, "bin"));
  Object.assign(process.env, own, { KUBECONFIG: sharedControlPlane().kubeconfig });
  cpSync(join(import.meta.dirname, "../../Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  const everything = [
    "pull",
    "push",
    "delete",
    "createCache",
    "configureCache",
    "configureCacheRetention",
    "destroyCache",
  ];
  const settings = {
    ...least,
    namespace,
    database: { provider: "external", external: { host: "db.example.com" } },
    ingress: { awaitCertificate: false },
    caches: { main: {} },
    tokens: {
      ci: { "gitlab-main": { caches: { main: ["pull", "push"] } } },
      root: { admin: { caches: { "*": everything } } },
    },
  };
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`attic:${key}`, value]));
  writeFileSync(file, `# kept by every edit\n${stringify({ config: { ...providerSettings, ...config } })}`);
  pulumi("stack", "init");
  execFileSync(
    "pulumi",
    ["config", "set", "--stack", "test", "--secret", "--path", "attic:database.external.password"],
    {
      cwd: folder,
      input: password,
    },
  );
});

afterAll(async () => {
  await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  await kubectl(["delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "delivery-test"]);
  process.env = before;
  rmSync(root, { recursive: true, force: true });
});

describe("a stack of the person's own Pulumi", { timeout: 600_000 }, () => {
  test("is deployed as its preview showed it, and has nothing to change then", async () => {
    expect(await atticctl(["preview"])).toMatchObject({ code: 0 });
    const deployed = await deploy(["--plan", out]);
    expect([deployed.code, deployed.all]).toEqual([0, expect.stringMatching(/stack test: \d+ created/)]);
    await nothingChanges();
    expect(pulumi("stack", "history", "--json")).toContain("deploy from no commit");
  });

  test("is not deployed by a plan that no longer fits", async () => {
    declare(["attic:api"], { scaling: { minReplicas: 3 } });
    await atticctl(["preview", "--out", "../plan"]);
    expect((await deploy()).code).toBe(0);
    expect(await minReplicas()).toBe("3");
    const { code, all } = await deploy(["--plan", "../plan"]);
    expect([code, all]).toEqual([4, expect.stringContaining("the plan no longer fits")]);
  });

  test("has no drift when it is scaled, and has when somebody changes it; a refreshing deployment takes that back", async () => {
    await kubectlOutput(["-n", namespace, "scale", "deployment", "attic", "--replicas=4"]);
    expect(await atticctl(["drift"])).toMatchObject({ code: 0 });
    await kubectlOutput([
      "-n",
      namespace,
      "patch",
      "hpa",
      "attic",
      "--type=merge",
      "-p",
      '{"spec":{"minReplicas":1}}',
    ]);
    const { code, stdout } = await atticctl(["drift", "--json"]);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).drifted).toEqual([
      expect.objectContaining({
        kind: "HorizontalPodAutoscaler",
        property: "spec.minReplicas",
        moved: "cluster",
        found: "3 → 1",
      }),
    ]);
    expect(await atticctl(["drift", "--only", "declared"])).toMatchObject({ code: 0 });
    expect(await atticctl(["drift", "--only", "cluster"])).toMatchObject({ code: 4 });
    expect((await deploy(["--refresh"])).code).toBe(0);
    expect(await minReplicas()).toBe("3");
  });

  test("goes back to another image, with its file, and has nothing to change then", async () => {
    const { code, all } = await atticctl(["rollback", "--image", older, "--yes", "--no-verify"]);
    expect([code, all]).toEqual([0, expect.stringContaining(`stack test runs ${older}`)]);
    expect(await get("deployment", "attic", "-o", "jsonpath={..image}")).toBe(older);
    expect(readFileSync(file, "utf8")).toMatch(
      new RegExp(`^# kept by every edit[\\s\\S]*attic:image: ${older}$`, "m"),
    );
    await nothingChanges();
  });

  test("keeps what runs, and its file, when the database is newer than the image; a deployment puts it right", async () => {
    const policy = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "delivery-test" } };
    await applyObject({
      ...policy,
      kind: "ValidatingAdmissionPolicy",
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
          ],
        },
        validations: [
          {
            // Stands in for the migrator: no container runs here.
            expression: `!object.spec.containers.exists(c, c.image == '${ancient}')`,
            message: "this migration has been applied but its file is missing",
          },
        ],
      },
    });
    await applyObject({
      ...policy,
      kind: "ValidatingAdmissionPolicyBinding",
      spec: { policyName: "delivery-test", validationActions: ["Deny"] },
    });
    const said = readFileSync(file, "utf8");
    const { code, all } = await atticctl(["rollback", "--image", ancient, "--yes", "--no-verify"]);
    expect([code, all]).toEqual([1, expect.stringContaining("is older than the database of stack test")]);
    expect(readFileSync(file, "utf8")).toBe(said);
    expect(await get("deployment", "attic", "-o", "jsonpath={..image}")).toBe(older);
    expect((await deploy()).code).toBe(0);
    await nothingChanges();
  });

  test("rotates no token before one is due", async () => {
    const asked: string[] = [];
    const deployments: Deployments = {
      ...pulumiDeployments,
      operate: (operation) => {
        asked.push(operation.action);
        return pulumiDeployments.operate(operation);
      },
    };
    const { code, all } = await atticctl(["tokens", "rotate", "--yes"], { at: 75, deployments });
    expect([code, all]).toEqual([0, expect.stringContaining("no token of stack test is due")]);
    expect(asked).toEqual([]);
  });

  test("rotates what is due, and leaves what else waits", async () => {
    declare(["attic:api"], { scaling: { minReplicas: 4 } });
    const { code, stdout } = await atticctl(["tokens", "rotate", "--yes", "--json"], { at: 77 });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: [{ name: "gitlab-main", from: "1", to: "2", reason: "rotation" }],
      waiting: expect.arrayContaining(["HorizontalPodAutoscaler attic"]),
    });
    expect(await minReplicas()).toBe("3");
    expect(
      JSON.parse((await atticctl(["--json", "tokens", "list"], { at: 77 })).stdout)[0].deployed.generation,
    ).toBe(2);
    expect(await get("secret", "attic-ci-tokens", "-o", "jsonpath={.metadata.annotations}")).toContain(
      "rotates",
    );
    expect((await deploy([], { at: 77 })).code).toBe(0);
    expect(await minReplicas()).toBe("4");
  });

  test("tells of a root token that ends before the next run, and who must see to it", async () => {
    const { code, all } = await atticctl(["tokens", "rotate", "--yes", "--next-run", "200d"], { at: 78 });
    expect([code, all]).toEqual([
      4,
      expect.stringContaining("raise attic:tokens.root.admin.generation to 2"),
    ]);
  });

  test("goes on after an update that was interrupted", async () => {
    declare(["attic:image"], image);
    let told = false;
    const deployments: Deployments = {
      ...pulumiDeployments,
      operate: (operation) =>
        pulumiDeployments.operate({
          ...operation,
          onEvent: (state, event) => {
            operation.onEvent?.(state, event);
            if (told || operation.action !== "up" || !event.resourcePreEvent) return;
            told = true;
            process.emit("SIGINT", "SIGINT");
          },
        }),
    };
    expect((await deploy([], { at: 78, deployments })).code).toBe(130);
    expect((await deploy([], { at: 78 })).code).toBe(0);
    await nothingChanges({ at: 78 });
  });

  test("rotates what is due while a new cache waits, and makes a root token that was raised with it", async () => {
    const caches = () => Object.keys(JSON.parse(pulumi("stack", "output", "caches", "--json")) as object);
    declare(["attic:caches", "new"], {});
    declare(["attic:tokens", "root", "admin", "generation"], 2);
    const { code, stdout } = await atticctl(["tokens", "rotate", "--yes", "--json"], { at: 153 });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: [{ name: "gitlab-main", from: "2", to: "3", reason: "rotation" }],
      along: ["admin"],
      waiting: expect.arrayContaining(["PrivateKey cache-new"]),
    });
    const tokens = JSON.parse((await atticctl(["--json", "tokens", "list"], { at: 153 })).stdout) as {
      name: string;
      deployed: { generation: number };
    }[];
    expect(tokens.map(({ name, deployed }) => [name, deployed.generation])).toEqual([
      ["gitlab-main", 3],
      ["admin", 2],
    ]);
    expect(caches()).toEqual(["main"]);
    expect((await deploy([], { at: 153 })).code).toBe(0);
    expect(caches().sort()).toEqual(["main", "new"]);
    await nothingChanges({ at: 153 });
  });

  test("gave no secret away, on the screen or in a file", () => {
    const secrets = [password, ...secretsIn(pulumi("stack", "export", "--show-secrets"))];
    expect(secrets.length).toBeGreaterThan(4);
    const logs = join(import.meta.dirname, "../../.local/logs");
    const files = [
      ...readdirSync(out).map((name) => join(out, name)),
      ...readdirSync(join(root, "plan")).map((name) => join(root, "plan", name)),
      ...readdirSync(logs)
        .filter((name) => name.endsWith(`-test-${process.pid}.log`))
        .map((name) => join(logs, name)),
    ];
    expect(files.length).toBeGreaterThan(10);
    for (const text of [printed, ...files.map((path) => readFileSync(path, "utf8"))]) {
      for (const secret of secrets) {
        expect(text.includes(secret)).toBe(false);
        expect(text.includes(Buffer.from(secret).toString("base64").slice(0, 40).slice(4, 36))).toBe(false);
      }
    }
  });
});
