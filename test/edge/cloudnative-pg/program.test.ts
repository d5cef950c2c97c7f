import * as kubernetes from "@pulumi/kubernetes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resource } from "../../../components/kubernetes/resource.ts";
import { cluster } from "../../../components/postgres/cluster.ts";
import { Postgres } from "../../../components/postgres/index.ts";
import { ensureOperator, stopOperator } from "../../../embedded/cloudnative-pg/index.ts";
import { locateEngine } from "../../../embedded/engine/locate.ts";
import { renderProgress } from "../../../embedded/toolchain/index.ts";
import { openStack, type TestStack } from "../../embedded/providers/test-stack.ts";
import { databaseIn, isHealthy, statusIn } from "../../support/cloudnative-pg.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";

let stack: TestStack;
beforeAll(async () => {
  const { listener: progress, end } = renderProgress();
  process.env.ATTIC_TEST_PULUMI ??= (await locateEngine({ progress: (line) => console.log(line) })).path;
  await ensureOperator({ controlPlane: sharedControlPlane(), dieWithParent: true, progress }).finally(end);
  stack = await openStack({ labels: { "pod-security.kubernetes.io/enforce": "restricted" } });
});
afterAll(async () => {
  await stack?.close();
  await stopOperator(sharedControlPlane());
});

function database() {
  const options = {
    provider: new kubernetes.Provider("cluster", { kubeconfig: sharedControlPlane().kubeconfig }),
  };
  new Postgres("postgres", { config: databaseIn(stack.namespace) }, options);
  return options;
}

test("`up` ends when the operator calls the database ready, and the next one changes nothing", async () => {
  stack.program = () => {
    database();
  };
  await stack.up();
  expect(isHealthy(await statusIn(stack.namespace))).toBe(true);
  await stack.up({ expectNoChanges: true });
  // What the operator fills in is no drift.
  expect(Object.keys(await stack.refresh())).toEqual(["same"]);
});

test("`up` fails with the operator's own words for what only it refuses", async () => {
  const manifest = cluster(databaseIn(stack.namespace));
  manifest.spec.postgresql.parameters.port = "1234";
  manifest.metadata.name = "refused";
  stack.program = () => {
    resource(manifest, database());
  };
  const message = await stack.failureOf(stack.up());
  expect(message).toContain("Can't set fixed configuration parameter");
});

test("`destroy` is not held up, and the instances go with the database", async () => {
  stack.program = () => undefined;
  await stack.destroy();
  await expect
    .poll(
      async () =>
        (await stack.api.request<{ items: unknown[] }>("GET", `/api/v1/namespaces/${stack.namespace}/pods`))
          .items,
      // Kubernetes' garbage collector learns of new kinds twice a minute.
      { timeout: 40_000 },
    )
    .toEqual([]);
});
