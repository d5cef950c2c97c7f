import { describe, expect, test } from "vitest";
import { requirements } from "../../../../components/ingress/requirements.ts";
import { Operators } from "../../../../components/operators/index.ts";
import { type Operator, releases } from "../../../../components/operators/releases.ts";
import { traefikValues } from "../../../../components/operators/traefik.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { type Recording, record } from "../../../../render/record.ts";
import { find, object } from "../../../support/record.ts";
import { raw, stackConfig } from "../../../support/settings.ts";

const every: Operator[] = ["certManager", "cloudNativePg", "barmanCloud", "traefik"];

const installing = (...operators: Operator[]): Partial<Settings> => ({
  operators: Object.fromEntries(operators.map((operator) => [operator, { install: true }])),
});

function recorded(settings: Partial<Settings>, use: (operators: Operators) => void = () => {}) {
  const program = async () => {
    use(new Operators("operators", { config: stackConfig(settings) }));
    return {};
  };
  return record(program, { stack: "test", config: raw({}), preview: false });
}

const made = ({ resources }: Recording) =>
  resources
    .filter(({ custom }) => custom)
    .map(({ type, name }) => `${type.split(":").pop()} ${name}`)
    .sort();

const namesOf = (urns: string[]) => urns.map((urn) => urn.split("::").slice(-1)[0]).sort();

describe("the operators", () => {
  test("are none, unless the stack is told to install them", async () => {
    expect(made(await recorded({}))).toEqual([]);
  });

  test.each<[Operator, string[]]>([
    ["certManager", ["Namespace cert-manager", "Release cert-manager"]],
    ["cloudNativePg", ["Namespace cnpg-system", "Release cloudnative-pg"]],
    // In the namespace of the operator that is there already.
    ["barmanCloud", ["Release plugin-barman-cloud"]],
    ["traefik", ["Namespace traefik", "Release traefik"]],
  ])("are, with %s alone, these objects and no others", async (operator, objects) => {
    expect(made(await recorded(installing(operator)))).toEqual(objects);
  });

  test("are all of them in three namespaces", async () => {
    expect(made(await recorded(installing(...every)))).toEqual([
      "Namespace cert-manager",
      "Namespace cnpg-system",
      "Namespace traefik",
      "Release cert-manager",
      "Release cloudnative-pg",
      "Release plugin-barman-cloud",
      "Release traefik",
    ]);
  });

  test("are pinned to exact versions, which the settings can move", () => {
    const versions = (settings: Partial<Settings>) =>
      Object.fromEntries(releases(stackConfig(settings)).map(({ name, version }) => [name, version]));
    expect(versions(installing(...every))).toEqual({
      "cert-manager": "v1.20.2",
      "cloudnative-pg": "0.29.0",
      "plugin-barman-cloud": "0.7.0",
      traefik: "41.3.0",
    });
    expect(versions({ operators: { traefik: { install: true, version: "41.4.0" } } })).toEqual({
      traefik: "41.4.0",
    });
  });

  test("run in namespaces that enforce the restricted Pod Security level", async () => {
    const recording = await recorded(installing(...every));
    for (const name of ["cert-manager", "cnpg-system", "traefik"]) {
      const { labels } = object(recording, "Namespace", name).metadata;
      expect(labels).toHaveProperty(["pod-security.kubernetes.io/enforce"], "restricted");
    }
  });

  test("run where the network policies expect them", () => {
    const config = stackConfig({
      ...installing("cloudNativePg", "barmanCloud", "traefik"),
      network: { databaseOperator: { namespace: "databases" }, ingressController: { namespace: "edge" } },
    });
    expect(releases(config).map(({ name, namespace }) => [name, namespace])).toEqual([
      ["cloudnative-pg", "databases"],
      ["plugin-barman-cloud", "databases"],
      ["traefik", "edge"],
    ]);
  });

  test("come after what they need: the plugin after its operator and cert-manager", async () => {
    const recording = await recorded(installing(...every));
    const before = (name: string) => namesOf(find(recording, "Release", name).dependsOn);
    expect(before("plugin-barman-cloud")).toEqual(["cert-manager", "cloudnative-pg", "cnpg-system"]);
    expect(before("cloudnative-pg")).toEqual(["cnpg-system"]);
    expect(before("cert-manager")).toEqual(["cert-manager"]);
    expect(before("traefik")).toEqual(["traefik"]);
  });

  test("are taken away again when they do not come up, and have ten minutes for it", async () => {
    const recording = await recorded(installing(...every));
    for (const { type, inputs } of recording.resources) {
      if (type.endsWith(":Release")) expect(inputs).toMatchObject({ atomic: true, timeout: 600 });
    }
  });

  test("can be depended on, each where the stack installs it", async () => {
    let count = 0;
    await recorded(installing("certManager"), (operators) => {
      count = operators.needed("certManager", "traefik").length;
    });
    expect(count).toBe(1);
  });
});

describe("every chart", () => {
  test("brings its CRDs, and cert-manager's outlive its release", () => {
    const values = Object.fromEntries(
      releases(stackConfig(installing(...every))).map(({ name, values }) => [name, values]),
    );
    expect(values["cert-manager"]).toMatchObject({ crds: { enabled: true, keep: true } });
    expect(values["cloudnative-pg"]).toMatchObject({ crds: { create: true } });
    expect(values["plugin-barman-cloud"]).toMatchObject({ crds: { create: true } });
  });

  test("has requests, and a limit of memory but none of CPU", () => {
    for (const { values } of releases(stackConfig(installing(...every)))) {
      const { requests, limits } = values.resources as Record<"requests" | "limits", object>;
      expect(Object.keys(requests)).toEqual(["cpu", "memory"]);
      expect(Object.keys(limits)).toEqual(["memory"]);
    }
  });
});

describe("what a failover of the database needs", () => {
  const values = (operator: Operator) => releases(stackConfig(installing(operator)))[0]?.values;

  test("is an operator on a second node, which takes over from the first", () => {
    expect(values("cloudNativePg")).toMatchObject({
      replicaCount: 2,
      topologySpreadConstraints: [
        {
          topologyKey: "kubernetes.io/hostname",
          labelSelector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
        },
      ],
    });
  });

  test("is the plugin, which leaves a node as soon as that is given up", () => {
    const leaves = (key: string) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 });
    expect(values("barmanCloud")?.tolerations).toEqual([
      leaves("node.kubernetes.io/not-ready"),
      leaves("node.kubernetes.io/unreachable"),
    ]);
  });

  test("is one plugin and no more: of two, one is never ready, and the release would be rolled back", () => {
    expect(values("barmanCloud")?.replicaCount ?? 1).toBe(1);
  });
});

test("cert-manager elects its leader in its own namespace, and needs no rights in kube-system", () => {
  const [release] = releases(stackConfig(installing("certManager")));
  expect(release?.values).toHaveProperty("global.leaderElection.namespace", "cert-manager");
});

describe("Traefik", () => {
  const values = (settings: Partial<Settings> = {}) =>
    traefikValues(stackConfig({ ...installing("traefik"), ...settings }));

  test("has everything that the ingress requires of it", () => {
    expect(values()).toMatchObject({
      ports: {
        websecure: {
          transport: {
            respondingTimeouts: { readTimeout: "0s", writeTimeout: "0s" },
            lifeCycle: { graceTimeOut: "180s" },
          },
        },
      },
      providers: { kubernetesCRD: { allowEmptyServices: true, allowCrossNamespace: false } },
      metrics: { prometheus: { addRoutersLabels: true, buckets: "0.1,0.2,0.3,0.5,1,1.2,2,5,30" } },
    });
  });

  test("has each requirement where its chart expects it", () => {
    const config = stackConfig();
    for (const { setting, value } of requirements(config)) {
      const path = setting.replace(/^entryPoints\./, "ports.");
      expect(traefikValues(config)).toHaveProperty(path, value);
    }
  });

  test("trusts the configured proxies, as a list", () => {
    const ingress = { trustedProxyDepth: 1, trustedProxies: ["10.0.0.0/16", "fd00::/8"] };
    expect(values({ ingress })).toHaveProperty("ports.websecure.forwardedHeaders.trustedIPs", [
      "10.0.0.0/16",
      "fd00::/8",
    ]);
    expect(values()).not.toHaveProperty("ports.websecure.forwardedHeaders");
  });

  test("has rights in the stack's namespace and its own only", () => {
    expect(values({ namespace: "cache" })).toMatchObject({
      rbac: { namespaced: true },
      ingressClass: { enabled: false },
      providers: { kubernetesCRD: { namespaces: ["cache"] }, kubernetesIngress: { namespaces: ["cache"] } },
    });
  });

  test("keeps the names that the metrics' labels are made of", () => {
    expect(values()).toHaveProperty("providers.kubernetesCRD.safeNaming", false);
  });

  test("sees clients by their own address", () => {
    expect(values()).toHaveProperty("service.spec.externalTrafficPolicy", "Local");
  });

  test("has the Service's annotations by which a cloud is told what load balancer to make, and no others", () => {
    const serviceAnnotations = { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" };
    expect(values({ operators: { traefik: { install: true, serviceAnnotations } } })).toHaveProperty(
      "service.annotations",
      serviceAnnotations,
    );
    expect(values()).toHaveProperty("service.annotations", {});
  });

  test("has no dashboard, and calls nobody", () => {
    expect(values()).toMatchObject({
      api: { dashboard: false },
      global: { checkNewVersion: false, sendAnonymousUsage: false },
    });
  });

  test("gets no client before it has read its routes", () => {
    expect(values()).toHaveProperty("readinessProbe.initialDelaySeconds", 10);
  });

  test("goes on listening until every node has dropped it, as the server does", () => {
    const told = (preStopSeconds: number) => values({ api: { preStopSeconds } });
    expect(told(7)).toHaveProperty("deployment.lifecycle", { preStop: { sleep: { seconds: 7 } } });
    expect(told(0)).not.toHaveProperty("deployment.lifecycle");
  });

  test("is killed only after that pause and the time that it gives requests under way", () => {
    expect(values({ api: { preStopSeconds: 20, terminationGracePeriodSeconds: 300 } })).toMatchObject({
      deployment: { replicas: 2, terminationGracePeriodSeconds: 330 },
      ports: { websecure: { transport: { lifeCycle: { graceTimeOut: "300s" } } } },
    });
  });
});
