import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cluster } from "../../../components/postgres/cluster.ts";
import { ensureOperator, stopOperator } from "../../../embedded/cloudnative-pg/index.ts";
import { renderProgress } from "../../../embedded/toolchain/index.ts";
import { applyDatabase, databaseIn, isHealthy, statusIn, untilStatus } from "../../support/cloudnative-pg.ts";
import { kubectl, kubectlOutput, sharedControlPlane } from "../../support/control-plane.ts";

const namespace = `database-${randomBytes(4).toString("hex")}`;
const config = databaseIn(namespace);
const patch = (spec: object, ...more: string[]) =>
  kubectl([
    ...["-n", namespace, "patch", "cluster", "attic-pg", "--type=merge"],
    ...["-p", JSON.stringify({ spec }), ...more],
  ]);

beforeAll(async () => {
  const { listener: progress, end } = renderProgress();
  await ensureOperator({ controlPlane: sharedControlPlane(), dieWithParent: true, progress }).finally(end);
});

afterAll(async () => {
  await kubectl(["delete", "namespace", namespace, "--wait=false"]);
  await stopOperator(sharedControlPlane());
});

describe("the Cluster that the program emits", () => {
  test("becomes healthy, its pods allowed by the restricted Pod Security level", async () => {
    await applyDatabase(config);
    const status = await untilStatus(namespace, isHealthy);
    expect(status).toMatchObject({ currentPrimary: "attic-pg-1", timelineID: 1 });
  });

  test("gets what the rest of the program and its documents name", async () => {
    const kinds = "services,secrets,poddisruptionbudgets,persistentvolumeclaims";
    const found = await kubectlOutput(["-n", namespace, "get", kinds, "-o", "name"]);
    for (const name of [
      ...["service/attic-pg-rw", "service/attic-pg-ro", "service/attic-pg-r"],
      ...["secret/attic-pg-app", "secret/attic-pg-ca"],
      ...["poddisruptionbudget.policy/attic-pg-primary", "poddisruptionbudget.policy/attic-pg"],
      ...["persistentvolumeclaim/attic-pg-1", "persistentvolumeclaim/attic-pg-3"],
    ])
      expect(found.split("\n")).toContain(name);
  });

  test("is kept as it was sent: the operator only adds what it leaves out", async () => {
    const live = JSON.parse(
      await kubectlOutput(["-n", namespace, "get", "cluster", "attic-pg", "-o", "json"]),
    );
    const { resources, ...sent } = cluster(config).spec;
    expect(live.spec).toMatchObject(sent);
    // The operator writes quantities its own way, such as 1 for 1000m.
    for (const kind of ["requests", "limits"])
      expect(Object.keys(live.spec.resources[kind])).toEqual(Object.keys(resources[kind]));
  });

  test("gets another primary when the pod of the first is deleted, and that one back as a replica", async () => {
    await kubectlOutput(["-n", namespace, "delete", "pod", "attic-pg-1", "--wait=false"]);
    const status = await untilStatus(
      namespace,
      (each) => isHealthy(each) && each.currentPrimary !== "attic-pg-1",
    );
    expect(status).toMatchObject({ targetPrimary: status.currentPrimary, timelineID: 2 });
    const role = ["-o", "jsonpath={.metadata.labels.cnpg\\.io/instanceRole}"];
    await expect
      .poll(() => kubectlOutput(["-n", namespace, "get", "pod", "attic-pg-1", ...role]))
      .toBe("replica");
  });

  test("gets another primary when that one fails without being deleted", async () => {
    const { currentPrimary = "" } = await statusIn(namespace);
    const failed = { status: { conditions: [{ type: "Ready", status: "False" }] } };
    const target = ["-n", namespace, "patch", "pod", currentPrimary, "--subresource=status", "--type=merge"];
    await kubectlOutput([...target, "-p", JSON.stringify(failed)]);
    await untilStatus(namespace, (each) => each.currentPrimary !== currentPrimary);
    // As its kubelet would, had it one.
    await kubectlOutput(["-n", namespace, "delete", "pod", currentPrimary, "--wait=false"]);
    await untilStatus(namespace, isHealthy);
  });

  test("is scaled down and up", async () => {
    expect(await patch({ instances: 2 })).toMatchObject({ code: 0 });
    await untilStatus(namespace, ({ readyInstances }) => readyInstances === 2);
    expect(await patch({ instances: 3 })).toMatchObject({ code: 0 });
    await untilStatus(namespace, isHealthy);
  });
});

describe("the operator's webhook", () => {
  test.each([
    [
      "a parameter that it sets itself",
      { postgresql: { parameters: { port: "1234" } } },
      "Can't set fixed configuration parameter",
    ],
    [
      "a size that PostgreSQL would not read",
      { postgresql: { parameters: { shared_buffers: "much" } } },
      "Invalid value for configuration parameter shared_buffers",
    ],
    [
      "more synchronous replicas than there are",
      { postgresql: { synchronous: { number: 3 } } },
      "the number of synchronous replicas must be less than the total number of instances",
    ],
    ["a smaller volume", { storage: { size: "1Gi" } }, "can't shrink existing storage from 10Gi to 1Gi"],
    ["an image without a version", { imageName: "postgres:latest" }, "Can't use 'latest' as image tag"],
  ])("refuses %s in its own words", async (_, spec, words) => {
    const { code, stderr } = await patch(spec, "--dry-run=server");
    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
  });

  test("leaves to the API server what the definition says: no Cluster without instances", async () => {
    expect((await patch({ instances: 0 }, "--dry-run=server")).stderr).toContain(
      "should be greater than or equal to 1",
    );
  });

  test("does not know what only PostgreSQL does", async () => {
    const spec = { postgresql: { parameters: { max_connections: "abc" } } };
    expect(await patch(spec, "--dry-run=server")).toMatchObject({ code: 0 });
  });
});

test("a Cluster whose backups need a plugin that does not run waits, and says for what", async () => {
  const elsewhere = `${namespace}-backups`;
  try {
    await applyDatabase(databaseIn(elsewhere, true));
    const status = await untilStatus(elsewhere, ({ phase }) => phase !== undefined);
    expect(status.phase).toContain("unknown plugin");
    expect(status.phaseReason).toContain("Unknown plugin: 'barman-cloud.cloudnative-pg.io'");
    expect(isHealthy(status)).toBe(false);
  } finally {
    await kubectl(["delete", "namespace", elsewhere, "--wait=false"]);
  }
});

test.each([
  ["cnpg-manager", ["create", "pods", "-n", namespace], "yes"],
  ["cnpg-manager", ["create", "clusterrolebindings"], "no"],
  ["cnpg-manager", ["delete", "nodes"], "no"],
  [
    "embedded-stand-in",
    ["create", "serviceaccounts/cnpg-manager", "--subresource=token", "-n", "cnpg-system"],
    "yes",
  ],
  [
    "embedded-stand-in",
    ["create", "serviceaccounts/default", "--subresource=token", "-n", "cnpg-system"],
    "no",
  ],
  ["embedded-stand-in", ["create", "pods", "-n", namespace], "no"],
])("%s is no administrator: %j, %s", async (account, what, answer) => {
  const { stdout } = await kubectl([
    "auth",
    "can-i",
    ...what,
    `--as=system:serviceaccount:cnpg-system:${account}`,
  ]);
  expect(stdout.trim()).toBe(answer);
});

test("whatever the operator made goes with the Cluster", async () => {
  await kubectlOutput(["-n", namespace, "delete", "cluster", "attic-pg"]);
  const kinds = "pods,jobs,services,secrets,persistentvolumeclaims,poddisruptionbudgets,roles,rolebindings";
  let left = "";
  for (let i = 0; i < 100; i++) {
    left = await kubectlOutput(["-n", namespace, "get", kinds, "-o", "name"]);
    if (left === "") break;
    await sleep(200);
  }
  expect(left).toBe("");
});
