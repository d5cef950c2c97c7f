import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { controlPlaneStatus, stopControlPlane } from "../../embedded/control-plane/index.ts";
import { down } from "../../embedded/local/down.ts";
import { onInterrupt } from "../../embedded/local/interrupts.ts";
import { localPaths, PROJECT_DIR } from "../../embedded/local/paths.ts";
import { readStatus, whyNotRunning } from "../../embedded/local/status.ts";
import { renderSummary } from "../../embedded/local/summary.ts";
import { Screen } from "../../embedded/local/terminal/screen.ts";
import { up } from "../../embedded/local/up.ts";
import { previewStack } from "../../embedded/preview/preview.ts";

const root = mkdtempSync(path.join(tmpdir(), "attic-local-test-"));
const paths = localPaths(root);
let log = "";
const screen = new Screen({
  write: (text) => {
    log += text;
  },
});
const interrupt = onInterrupt(() => {});
const common = { paths, screen, interrupt };
const stackFiles = readdirSync(PROJECT_DIR).filter((name) => /^Pulumi.*\.yaml$/.test(name));
const contents = () => stackFiles.map((name) => readFileSync(path.join(PROJECT_DIR, name), "utf8"));
const before = contents();

afterAll(async () => {
  interrupt.release();
  if (existsSync(paths.controlPlane)) {
    await stopControlPlane({ stateDir: paths.controlPlane, wipe: true });
  }
  rmSync(root, { recursive: true, force: true });
});

it("stands the local stack up, finds nothing to change, and takes it away", {
  timeout: 600_000,
}, async () => {
  expect(await readStatus(paths)).toBeUndefined();
  expect(await whyNotRunning(paths)).toMatch(/nothing is running here/);

  const first = await up(common);
  expect(log).toMatch(/✓ step 4 of 4 {2}stack local .* \d+ created/);
  expect(first.cluster.workloads).toContainEqual(
    expect.objectContaining({ kind: "Deployment", namespace: "nix-cache", name: "attic" }),
  );
  expect(first.providers.find(({ name }) => name === "kubernetes")?.description).toMatch(
    /^(official|stand-in: )/,
  );
  expect(Object.values(first.outputs).filter(({ secret, value }) => secret && value !== "[secret]")).toEqual(
    [],
  );
  expect(renderSummary(first, screen.colours, 100).join("\n")).not.toMatch(/undefined|NaN|PRIVATE KEY/);

  const second = await up({ ...common, expectNoChanges: true });
  expect(second.outputs).toEqual(first.outputs);
  expect(second.runningSince).toBe(first.runningSince);

  expect(await readStatus(paths)).toMatchObject({ server: first.server, outputs: first.outputs });

  const report = await down({ ...common, keepControlPlane: false, force: false });
  expect(report.deleted).toBeGreaterThan(5);
  expect(report.stopped).toBe(true);
  expect((await controlPlaneStatus({ stateDir: paths.controlPlane })).state).toBe("stopped");
});

it("forgets a stack whose cluster is gone", async () => {
  await down({ ...common, keepControlPlane: false, force: true });
  expect(existsSync(paths.engine)).toBe(false);
  expect(await down({ ...common, keepControlPlane: false, force: false })).toEqual({
    deleted: 0,
    stopped: false,
    wiped: false,
  });
});

it.each(["local", "staging", "production"])("previews %s without a cluster", async (stack) => {
  const { report } = await previewStack({ stack });
  expect(report.changes.create).toBeGreaterThan(5);
  expect(report.resources.filter(({ op }) => op !== "create")).toEqual([]);
});

it("only reads the project's own files, and lets its owner alone read the logs", () => {
  expect(contents()).toEqual(before);
  for (const name of readdirSync(paths.logs)) {
    expect(statSync(path.join(paths.logs, name)).mode & 0o077).toBe(0);
    expect(readFileSync(path.join(paths.logs, name), "utf8")).not.toContain("PRIVATE KEY");
  }
});
