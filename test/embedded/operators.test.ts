import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settings } from "../../config/schema/index.ts";
import {
  type ControlPlane,
  ensureControlPlane,
  stopControlPlane,
} from "../../embedded/control-plane/index.ts";
import { run } from "../support/control-plane.ts";
import { least } from "../support/settings.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const stateDir = mkdtempSync(join(tmpdir(), "attic-bare-"));
const settings: Settings = { ...least, namespace: "bare", ingress: { awaitCertificate: false } };

let bare: ControlPlane;
let stack: TestStack;
beforeAll(async () => {
  bare = await ensureControlPlane({ stateDir, crds: false, dieWithParent: true });
  stack = testStack();
});
afterAll(async () => {
  stack.remove();
  await stopControlPlane({ stateDir, wipe: true });
});

test.each(["preview", "up"] as const)(
  "on a cluster without the operators, `%s` names each one and its setting, and makes nothing",
  async (action) => {
    const env = { KUBECONFIG: bare.kubeconfig };
    const refused = await stack.run(action, settings, { env }).catch((error: Error) => error.message);
    expect(refused).toContain(
      "the cluster has cert-manager, or else set attic:operators.certManager.install: true",
    );
    expect(refused).toContain("the cluster has Traefik, or else set attic:operators.traefik.install: true");
    expect(refused).toContain(
      "the cluster has the Prometheus operator, or else set attic:observability.rules.enabled: false",
    );
    expect(refused).not.toContain("CloudNativePG");
    const found = await run(bare.kubectl, ["get", "namespace", "bare"], env);
    expect(found.stderr).toContain("not found");
  },
);
