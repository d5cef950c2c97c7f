import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { certificate } from "../../components/ingress/certificate.ts";
import { middlewares } from "../../components/ingress/middlewares.ts";
import { serviceLabels } from "../../components/ingress/routes.ts";
import {
  ingressRoute,
  redirect,
  serversTransport,
  traefikServices,
} from "../../components/ingress/traefik.ts";
import { restrictedNamespace } from "../../components/kubernetes/namespace.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import { ingressAddress } from "../../live/addresses.ts";
import { down } from "../../live/down.ts";
import { ensureImages } from "../../live/images/index.ts";
import type { ImageSpec } from "../../live/images/oci.ts";
import { enteringGround, startGround, startNode } from "../../live/nodes/index.ts";
import { unpacked } from "../../live/packages.ts";
import { type LivePaths, livePaths } from "../../live/paths.ts";
import { authority, authorityName, certManager } from "../../live/platform/cert-manager/index.ts";
import { apply, complete } from "../../live/platform/install.ts";
import { traefik } from "../../live/platform/traefik/index.ts";
import { ensurePrograms } from "../../live/programs.ts";
import { run } from "../../live/run.ts";
import { stackConfig } from "../support/settings.ts";
import type { Answer, Ask, Trickled } from "./edge-client.ts";
import { missing } from "./missing.ts";

const hostname = "nix-cache.live.test";
const config = stackConfig({
  hostname,
  ingress: { issuer: { kind: "ClusterIssuer", name: authorityName } },
  api: { preStopSeconds: 5, terminationGracePeriodSeconds: 60 },
});
const { namespace } = config;
const revoked = ["HeaderRegexp(`Authorization`, `revoked`)"];
const some = { refusals: true };
const path = "/main/nix-cache-info";
const secret = "a-token-that-nobody-may-read";

/** What answers behind Traefik: not Attic, but something that is there. */
const busybox = async (): Promise<ImageSpec> => {
  const binary = join(await unpacked("busybox", ["busybox-static"]), "bin/busybox");
  return {
    name: "localhost/busybox:1",
    from: binary,
    config: { Entrypoint: ["/bin/busybox"] },
    async fill(root) {
      await mkdir(join(root, "bin"));
      await copyFile(binary, join(root, "bin/busybox"));
      for (const each of ["sh", "nslookup", "nc"]) await symlink("busybox", join(root, "bin", each));
      await mkdir(join(root, "www/main"), { recursive: true });
      await writeFile(join(root, "www", path), "StoreDir: /nix/store\n");
    },
  };
};

const labels = { app: "behind" };
const behind = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "attic", namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "httpd",
              image: "localhost/busybox:1",
              args: ["httpd", "-f", "-p", "8080", "-h", "/www"],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              readinessProbe: { httpGet: { path, port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "attic", namespace },
    spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  },
];

describe.skipIf(missing)("the stack's ingress with a real cert-manager and a real Traefik", () => {
  let root: string;
  let paths: LivePaths;
  let trusted = "";

  beforeAll(async () => {
    root = mkdtempSync(join(inject("liveParent"), "ingress-"));
    paths = livePaths(join(root, "live"));
    const { listener, end } = renderProgress();
    const programs = await ensurePrograms(listener);
    const parts = [await certManager(listener), await traefik(config, listener)];
    end();
    await ensureImages(paths, programs, [...parts.flatMap(({ images }) => images), await busybox()]);
    await startGround(paths, programs);
    await startNode(paths, programs, 1);
    for (const part of parts) await apply(paths, part);
    for (const part of parts) await complete(paths, part);
    trusted = await authority(paths);
    const stack = [
      restrictedNamespace(namespace, "attic"),
      ...behind,
      serversTransport(config),
      ...traefikServices(config, some),
      ...middlewares(config, some),
      certificate(config),
    ];
    await apply(paths, { name: "stack", is: "", images: [], objects: stack, rollouts: [] });
    await inStack("wait", "--for=condition=Ready", "certificate/attic", "--timeout=60s");
    await inStack("rollout", "status", "deployment/attic", "--timeout=60s");
    const routes = [ingressRoute(config, revoked), redirect(config)];
    await apply(paths, { name: "routes", is: "", images: [], objects: routes, rollouts: [] });
    for (let i = 0; i < 60 && (await ask({})).status !== 200; i++) await sleep(500);
  });
  afterAll(async () => {
    await down(paths);
    rmSync(root, { recursive: true, force: true });
  });

  const inside = async (...command: string[]) => {
    const { file, args, env } = await enteringGround(paths, command);
    return (await run(file, args, { env })).trim();
  };
  const kubectl = (...args: string[]) => inside("kubectl", ...args);
  const inStack = (...args: string[]) => kubectl(`--namespace=${namespace}`, ...args);
  const inTraefik = (...args: string[]) => kubectl("--namespace=traefik", ...args);
  const client = (what: Partial<Ask>) => {
    const full: Ask = { address: ingressAddress, host: hostname, path, authority: trusted, ...what };
    return [process.execPath, join(import.meta.dirname, "edge-client.ts"), JSON.stringify(full)];
  };
  const ask = async (what: Partial<Ask>) => JSON.parse(await inside(...client(what))) as Answer;

  /** How a steady trickle of requests goes while something happens. */
  async function during(happens: () => Promise<unknown>): Promise<Trickled> {
    const { file, args, env } = await enteringGround(paths, client({ trickle: true }));
    const child = spawn(file, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "close");
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    try {
      await sleep(1000);
      await happens();
      await sleep(1000);
    } finally {
      child.stdin.end();
      await ended;
    }
    return JSON.parse(said) as Trickled;
  }

  /** What every Traefik pod that is there has logged of requests. */
  const accessLog = async () => {
    const pods = await inTraefik("get", "pods", "-o", "name");
    const logs = await Promise.all(pods.split("\n").map((pod) => inTraefik("logs", pod)));
    return logs
      .flatMap((log) => log.split("\n"))
      .filter((line) => line.startsWith("{") && line.includes('"RequestPath"'));
  };

  const podAddress = (where: string, label: string) =>
    kubectl("get", "pods", "-n", where, "-l", label, "-o", "jsonpath={.items[0].status.podIP}");

  test("serves a certificate that its authority signed, and that nobody else trusts", async () => {
    expect(await ask({})).toMatchObject({ status: 200, body: "StoreDir: /nix/store\n" });
    expect((await ask({ authority: undefined })).error).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  test("sends plain HTTP to HTTPS, for good", async () => {
    expect(await ask({ plain: true })).toMatchObject({ status: 301, location: `https://${hostname}${path}` });
  });

  test("refuses another host, and does not ask the server", async () => {
    expect(await ask({ plain: true, host: "other.live.test" })).toMatchObject({
      status: 404,
      body: "404 page not found\n",
    });
    expect((await ask({ host: "other.live.test" })).error).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  test("refuses what is revoked, with the headers that every answer has", async () => {
    const { status, headers } = await ask({ headers: { authorization: "Bearer revoked" } });
    expect(status).toBe(401);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff" });
  });

  test("is found by pods under its name, at one address", async () => {
    const asked = ["exec", "deployment/attic", "--", "nslookup", hostname];
    const found = await inStack(...asked);
    expect(found).toContain(`Address: ${ingressAddress}`);
    expect(found).not.toMatch(/NXDOMAIN|SERVFAIL/);
  });

  test("knows clients by their addresses, and logs no token", async () => {
    await ask({ path: "/from-the-ground", headers: { authorization: `Bearer ${secret}` } });
    const words = `GET /from-a-pod HTTP/1.1\\r\\nHost: ${hostname}\\r\\nConnection: close\\r\\n\\r\\n`;
    const pod = (await inStack("get", "pods", "-o", "jsonpath={.items[0].metadata.name}")).trim();
    await inStack("exec", pod, "--", "sh", "-c", `printf '${words}' | nc ${hostname} 80`);
    const address = await inStack("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
    const clients = async () =>
      Object.fromEntries(
        (await accessLog())
          .map((line) => JSON.parse(line) as Record<string, string>)
          .filter(({ RequestPath }) => RequestPath?.startsWith("/from-"))
          .map(({ RequestPath, ClientHost }) => [RequestPath, ClientHost]),
      );
    await expect
      .poll(clients, { timeout: 10_000 })
      .toEqual({ "/from-the-ground": "10.250.0.1", "/from-a-pod": address });
    expect((await accessLog()).join()).not.toContain(secret);
  });

  test("is measured by Traefik and by cert-manager, by the names that the alerts ask for", async () => {
    const metrics = async (where: string, label: string, port: number) => {
      const address = await podAddress(where, label);
      const fetching = `fetch("http://${address}:${port}/metrics").then((r) => r.text()).then(console.log)`;
      return inside(process.execPath, "-e", fetching);
    };
    const { cacheInfo } = serviceLabels(namespace);
    const several = Array.from({ length: 8 }, () => ask({}));
    await Promise.all(several);
    expect(await metrics("traefik", "app.kubernetes.io/name=traefik", 9100)).toMatch(
      new RegExp(`traefik_router_requests_total\\{code="200".*service="${cacheInfo}"\\}`),
    );
    const ofCertificates = await metrics("cert-manager", "app.kubernetes.io/name=cert-manager", 9402);
    expect(ofCertificates).toMatch(
      new RegExp(
        `certmanager_certificate_ready_status\\{condition="True".*name="attic",namespace="${namespace}"\\} 1`,
      ),
    );
    for (const what of ["expiration", "renewal"])
      expect(ofCertificates).toContain(`certmanager_certificate_${what}_timestamp_seconds{`);
  });

  test("is renewed with no request failing", async () => {
    const { serial } = await ask({});
    const issuing = {
      status: {
        conditions: [
          { type: "Issuing", status: "True", reason: "Test", message: "asked for", observedGeneration: 1 },
        ],
      },
    };
    const { failures } = await during(async () => {
      // As `cmctl renew` does.
      await inStack(
        ...["patch", "certificate", "attic", "--subresource=status", "--type=merge"],
        ...["-p", JSON.stringify(issuing)],
      );
      await expect.poll(async () => (await ask({})).serial, { timeout: 60_000 }).not.toBe(serial);
    });
    expect(failures).toEqual([]);
  });

  test("is issued again when its Secret is deleted", async () => {
    const { serial } = await ask({});
    const { failures } = await during(async () => {
      await inStack("delete", "secret", "attic-tls");
      await expect.poll(async () => (await ask({})).serial ?? serial, { timeout: 60_000 }).not.toBe(serial);
    });
    // Meanwhile Traefik has none but its own, and nothing else goes wrong.
    expect(failures.filter((each) => !each.endsWith("DEPTH_ZERO_SELF_SIGNED_CERT"))).toEqual([]);
    expect(await ask({})).toMatchObject({ status: 200 });
  });

  test("loses no request while Traefik's pods are replaced one by one", async () => {
    const { failures, answered } = await during(async () => {
      await inTraefik("rollout", "restart", "deployment/traefik");
      await inTraefik("rollout", "status", "deployment/traefik", "--timeout=120s");
      // The last of the old ones ends after the rollout is complete.
      for (let i = 0; i < 90 && (await inTraefik("get", "pods", "-o", "name")).split("\n").length > 2; i++)
        await sleep(1000);
    });
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    expect((await inTraefik("get", "pods", "-o", "name")).split("\n")).toHaveLength(2);
  });
});
