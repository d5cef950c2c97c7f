import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, statfs, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import { nodeOf } from "../../live/addresses.ts";
import { down } from "../../live/down.ts";
import { ensureImages } from "../../live/images/index.ts";
import { writeImage } from "../../live/images/oci.ts";
import { prepareHost, restoreHost } from "../../live/nodes/host.ts";
import {
  enteringGround,
  ground,
  killNode,
  nodeIsUp,
  nodeNamespaces,
  startGround,
  startNode,
} from "../../live/nodes/index.ts";
import { unpacked } from "../../live/packages.ts";
import { type LivePaths, livePaths } from "../../live/paths.ts";
import { ensurePrograms, type Programs } from "../../live/programs.ts";
import { run } from "../../live/run.ts";
import { missing } from "./missing.ts";

/** What a run might leave on the machine. */
async function traces(paths: LivePaths): Promise<Record<string, unknown>> {
  const settings = ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"];
  return {
    settings: await Promise.all(settings.map((each) => readFile(join("/proc/sys", each), "utf8"))),
    folders: ["/var/lib/kubelet", "/var/lib/cni", "/run/attic-live"].filter(existsSync),
    cgroups: (await readdir("/sys/fs/cgroup")).filter((each) =>
      existsSync(`/sys/fs/cgroup/${each}/${paths.cgroups}`),
    ),
    interfaces: (await readdir("/sys/class/net")).sort(),
    mounts: (await readFile("/proc/mounts", "utf8")).split("\n").length,
  };
}

describe.skipIf(missing)("real nodes", () => {
  let root: string;
  let paths: LivePaths;
  let programs: Programs;
  let before: Record<string, unknown>;

  beforeAll(async () => {
    root = mkdtempSync(join(inject("liveParent"), "nodes-"));
    paths = livePaths(join(root, "live"));
    before = await traces(paths);
    const { listener, end } = renderProgress();
    programs = await ensurePrograms(listener).finally(end);
    await ensureImages(paths, programs);
    const busybox = join(await unpacked("busybox", ["busybox-static"]), "bin/busybox");
    await writeImage(join(paths.images, "busybox.tar"), {
      name: "localhost/busybox:1",
      config: { Entrypoint: ["/bin/busybox"] },
      async fill(folder) {
        await mkdir(join(folder, "bin"));
        await copyFile(busybox, join(folder, "bin/busybox"));
        for (const each of ["sh", "touch", "stat", "nslookup"])
          await symlink("busybox", join(folder, "bin", each));
      },
    });
    await startGround(paths, programs);
    await Promise.all([1, 2, 3].map((number) => startNode(paths, programs, number)));
  });
  afterAll(async () => {
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  const inside = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, command);
    return run(file, args, { env });
  };
  const kubectl = (...args: string[]) => inside("kubectl", ...args);
  const apply = async (...objects: object[]) => {
    const file = join(root, "objects.json");
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    await kubectl("apply", "-f", file);
  };

  const web = { app: "web" };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas: 3,
      selector: { matchLabels: web },
      template: {
        metadata: { labels: web },
        spec: {
          securityContext: { runAsUser: 1000, runAsNonRoot: true },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "topology.kubernetes.io/zone",
              whenUnsatisfiable: "DoNotSchedule",
              labelSelector: { matchLabels: web },
            },
          ],
          containers: [
            {
              name: "web",
              image: "localhost/busybox:1",
              args: ["httpd", "-f", "-p", "8080", "-h", "/etc"],
              readinessProbe: { httpGet: { path: "/hostname", port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: "10m" } },
            },
          ],
        },
      },
    },
  };

  test("run containers, and ask their probes", async () => {
    await apply(deployment, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "default" },
      spec: { selector: web, ports: [{ port: 80, targetPort: 8080 }] },
    });
    await kubectl("rollout", "status", "deployment/web", "--timeout=90s");
    const nodes = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");
    expect(nodes.split(" ").sort()).toEqual(["live-1", "live-2", "live-3"]);
  });

  test("find a pod whose probe path is wrong out, which simulated nodes do not", async () => {
    const wrong = structuredClone(deployment);
    wrong.metadata.name = "wrong";
    wrong.spec.replicas = 1;
    wrong.spec.selector.matchLabels = { app: "wrong" };
    wrong.spec.template.metadata.labels = { app: "wrong" };
    for (const each of wrong.spec.template.spec.containers)
      each.readinessProbe.httpGet.path = "/nothing-here";
    await apply(wrong);
    const said = () => kubectl("get", "events", "--field-selector", "reason=Unhealthy", "-o", "json");
    for (let i = 0; i < 60 && !(await said()).includes("statuscode: 404"); i++) await sleep(500);
    expect(await said()).toContain("statuscode: 404");
    expect(await kubectl("get", "deployment/wrong", "-o", "jsonpath={.status.readyReplicas}")).toBe("");
    await kubectl("delete", "deployment/wrong");
  });

  test("reach each other by a Service's address, and find it by its name", async () => {
    const address = await kubectl("get", "service/web", "-o", "jsonpath={.spec.clusterIP}");
    const ask = `fetch("http://${address}/hostname").then((r) => r.text()).then((t) => console.log(t.trim()))`;
    const answers = new Set<string>();
    // kube-proxy learns of a Service a moment after it is there.
    for (let i = 0; i < 60 && answers.size < 2; i++) {
      const answer = await inside(process.execPath, "-e", ask).catch(() => "");
      if (answer) answers.add(answer.trim());
      else await sleep(500);
    }
    expect(answers.size).toBeGreaterThan(1);
    const pod = (await kubectl("get", "pods", "-l", "app=web", "-o", "name")).trim().split("\n")[0] as string;
    const found = await kubectl("exec", pod, "--", "nslookup", "web.default.svc.cluster.local");
    expect(found).toContain(address);
  });

  test("give a pod a volume that its own user may write to, on the node where it runs, as large as asked for", async () => {
    await apply(
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", namespace: "default" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "disk", namespace: "default" },
        spec: {
          securityContext: { runAsUser: 1000, fsGroup: 1000, runAsNonRoot: true },
          containers: [
            {
              name: "disk",
              image: "localhost/busybox:1",
              args: ["sleep", "600"],
              volumeMounts: [{ name: "data", mountPath: "/data" }],
            },
          ],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
        },
      },
    );
    await kubectl("wait", "--for=condition=Ready", "pod/disk", "--timeout=90s");
    await kubectl("exec", "disk", "--", "touch", "/data/written");
    const node = await kubectl("get", "pod/disk", "-o", "jsonpath={.spec.nodeName}");
    const volume = await kubectl("get", "pvc/data", "-o", "jsonpath={.spec.volumeName}");
    // Volumes are mounted on the ground, and seen there and by the nodes alone.
    const there = join(`/proc/${(await ground(paths))?.pid}/root`, paths.volumes, node, volume);
    expect(existsSync(join(there, "written"))).toBe(true);
    const size = async () => {
      const { blocks, bsize } = await statfs(there);
      return (blocks * bsize) / 1024 ** 3;
    };
    expect(await size()).toBeGreaterThan(0.9);
    expect(await size()).toBeLessThan(1.1);

    const larger = { spec: { resources: { requests: { storage: "2Gi" } } } };
    await kubectl("patch", "pvc/data", "--patch", JSON.stringify(larger));
    const told = "jsonpath={.status.capacity.storage}";
    for (let i = 0; i < 100 && (await kubectl("get", "pvc/data", "-o", told)) !== "2Gi"; i++)
      await sleep(200);
    expect(await size()).toBeGreaterThan(1.9);
    await kubectl("exec", "disk", "--", "touch", "/data/written-later");

    await kubectl("delete", "pod/disk", "--grace-period=0", "--force");
    await kubectl("delete", "persistentvolumeclaim/data");
    for (let i = 0; i < 100 && existsSync(there); i++) await sleep(200);
    expect(await readdir(join(paths.volumes, node))).toEqual([]);
  });

  test("are measured, so that autoscalers have figures", async () => {
    for (let i = 0; i < 120; i++) {
      const { stdout } = await kubectl("top", "pods", "-l", "app=web", "--no-headers").then(
        (stdout) => ({ stdout }),
        () => ({ stdout: "" }),
      );
      if (stdout.trim().split("\n").length === 3) return;
      await sleep(500);
    }
    expect.fail("no figures within a minute");
  });

  test("lose a node as by a power failure, and take it back with what it ran", async () => {
    const node = nodeOf(3);
    await killNode(paths, 3);
    expect(await nodeNamespaces(paths, node)).toBeUndefined();
    expect(await nodeIsUp(paths, node)).toBe(false);
    expect(existsSync(`/sys/fs/cgroup/memory/${paths.cgroups}/live-3`)).toBe(false);
    await startNode(paths, programs, 3);
    expect(await nodeIsUp(paths, node)).toBe(true);
    await kubectl("rollout", "status", "deployment/web", "--timeout=90s");
    const restarts = ["get", "pods", "--field-selector", `spec.nodeName=${node.name}`, "-o"];
    for (let i = 0; i < 60; i++) {
      const counts = await kubectl(
        ...restarts,
        "jsonpath={.items[*].status.containerStatuses[*].restartCount}",
      );
      if (/[1-9]/.test(counts)) return;
      await sleep(500);
    }
    expect.fail("the container on the killed node was not started again");
  });

  test("stand on a switch that keeps its address when others come and go", async () => {
    const address = async () => JSON.parse(await inside("ip", "-json", "link", "show", "ground0"))[0].address;
    const before = await address();
    // Lower than any: the one that a bridge without an address of its own takes.
    const lowest = ["address", "00:00:00:00:00:01"];
    await inside("ip", "link", "add", "lowest", ...lowest, "type", "veth", "peer", "name", "other");
    try {
      await inside("ip", "link", "set", "lowest", "master", "ground0", "up");
      expect(await address()).toBe(before);
    } finally {
      await inside("ip", "link", "delete", "lowest");
    }
  });

  test("keep what they stand on when others beside them are taken down", async () => {
    const settings = async () => (await traces(paths)).settings;
    const during = await settings();
    const others = livePaths(join(root, "others"));
    await prepareHost(others);
    await restoreHost(others);
    expect(await settings()).toEqual(during);
    expect((await traces(paths)).folders).toEqual(["/var/lib/kubelet", "/var/lib/cni", "/run/attic-live"]);
  });

  test("are found again by whoever comes later, and refuse nobody", async () => {
    expect(await ground(paths)).toEqual(await ground(livePaths(paths.root)));
    const names = await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}");
    expect(names.split(" ").sort()).toEqual(["live-1", "live-2", "live-3"]);
  });

  test("taken down, leave nothing: no process, mount, interface, cgroup, setting or file", async () => {
    const namespaces = await ground(paths);
    expect(await down(paths)).toBe(true);
    expect(existsSync(`/proc/${namespaces?.pid}`)).toBe(false);
    expect(existsSync(paths.root)).toBe(false);
    expect(await traces(paths)).toEqual(before);
    expect(await down(paths)).toBe(false);
  });
});
