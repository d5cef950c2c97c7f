import { describe, expect, test } from "vitest";
import type { Policy } from "../../../../policies/framework/policy.ts";
import { UNKNOWN } from "../../../../policies/framework/unknown.ts";
import { noApiToken } from "../../../../policies/workloads/api-token.ts";
import { chartPinned } from "../../../../policies/workloads/chart-pinned.ts";
import { gracePeriod } from "../../../../policies/workloads/grace-period.ts";
import { imagePinned } from "../../../../policies/workloads/image-pinned.ts";
import { jobLimits } from "../../../../policies/workloads/jobs.ts";
import { restrictedNamespace } from "../../../../policies/workloads/namespace.ts";
import { noPrivileges } from "../../../../policies/workloads/no-privileges.ts";
import { nonRoot } from "../../../../policies/workloads/non-root.ts";
import { serverProbes } from "../../../../policies/workloads/probes.ts";
import { readOnlyRoot } from "../../../../policies/workloads/read-only-root.ts";
import { resourcesSet } from "../../../../policies/workloads/resources.ts";
import { seccomp } from "../../../../policies/workloads/seccomp.ts";
import { api, change, collector, cronJob, migrations, serviceAccount } from "../fixtures.ts";
import { fields, judge, kubernetes, only, resource } from "../support.ts";

const POD = "spec.template.spec";
const CONTAINER = `${POD}.containers.0`;
/** The same as messages write it. */
const FIELD = `${POD}.containers[0]`;

const podPolicies: Policy[] = [
  imagePinned,
  nonRoot,
  readOnlyRoot,
  noPrivileges,
  seccomp,
  resourcesSet,
  noApiToken,
  serverProbes,
  gracePeriod,
  jobLimits,
];

describe.each(podPolicies.map((policy) => [policy.name, policy] as const))("%s", (_, policy) => {
  test.each([
    ["the API", api()],
    ["the collector", collector()],
    ["the migrations", migrations()],
    ["a CronJob", cronJob()],
  ])("has nothing against %s", (_, workload) => {
    expect(judge(policy, workload)).toEqual({ findings: [], open: [], unusedExceptions: [] });
  });
});

/** What is wrong, the policy that finds it, what is changed for it, and the fields that are told. */
const cases: [what: string, policy: Policy, changes: Record<string, unknown>, found: string[]][] = [
  ["a tag", imagePinned, { [`${CONTAINER}.image`]: "attic:latest" }, [`${FIELD}.image`]],
  ["a version", imagePinned, { [`${CONTAINER}.image`]: "attic:1.2.3" }, [`${FIELD}.image`]],
  ["no tag", imagePinned, { [`${CONTAINER}.image`]: "ghcr.io/zhaofengli/attic" }, [`${FIELD}.image`]],
  ["a short commit", imagePinned, { [`${CONTAINER}.image`]: "attic:b7c905657cb8" }, [`${FIELD}.image`]],
  ["no image", imagePinned, { [`${CONTAINER}.image`]: undefined }, [`${FIELD}.image`]],
  [
    "an init container",
    imagePinned,
    { [`${POD}.initContainers`]: [{ image: "busybox" }] },
    [`${POD}.initContainers[0].image`],
  ],

  [
    "a pod that may be root",
    nonRoot,
    { [`${POD}.securityContext.runAsNonRoot`]: undefined },
    [`${FIELD}.securityContext.runAsNonRoot`],
  ],
  [
    "a container that says otherwise than its pod",
    nonRoot,
    { [`${CONTAINER}.securityContext.runAsNonRoot`]: false },
    [`${FIELD}.securityContext.runAsNonRoot`],
  ],
  ["user 0", nonRoot, { [`${POD}.securityContext.runAsUser`]: 0 }, [`${FIELD}.securityContext.runAsUser`]],

  [
    "a root that can be written",
    readOnlyRoot,
    { [`${CONTAINER}.securityContext.readOnlyRootFilesystem`]: undefined },
    [`${FIELD}.securityContext.readOnlyRootFilesystem`],
  ],

  ["the node's network", noPrivileges, { [`${POD}.hostNetwork`]: true }, [`${POD}.hostNetwork`]],
  ["the node's processes", noPrivileges, { [`${POD}.hostPID`]: true }, [`${POD}.hostPID`]],
  ["the node's memory", noPrivileges, { [`${POD}.hostIPC`]: true }, [`${POD}.hostIPC`]],
  [
    "the node's files",
    noPrivileges,
    {
      [`${POD}.volumes`]: [
        { name: "a", emptyDir: {} },
        { name: "b", hostPath: { path: "/" } },
      ],
    },
    [`${POD}.volumes[1].hostPath`],
  ],
  [
    "a privileged container",
    noPrivileges,
    { [`${CONTAINER}.securityContext.privileged`]: true },
    [`${FIELD}.securityContext.privileged`],
  ],
  [
    "escalation",
    noPrivileges,
    { [`${CONTAINER}.securityContext.allowPrivilegeEscalation`]: undefined },
    [`${FIELD}.securityContext.allowPrivilegeEscalation`],
  ],
  [
    "capabilities",
    noPrivileges,
    { [`${CONTAINER}.securityContext.capabilities`]: { drop: ["NET_RAW"], add: ["SYS_ADMIN"] } },
    [`${FIELD}.securityContext.capabilities.add`, `${FIELD}.securityContext.capabilities.drop`],
  ],
  [
    "no security context at all",
    noPrivileges,
    { [`${CONTAINER}.securityContext`]: undefined },
    [`${FIELD}.securityContext.allowPrivilegeEscalation`, `${FIELD}.securityContext.capabilities.drop`],
  ],

  [
    "no seccomp profile",
    seccomp,
    { [`${POD}.securityContext.seccompProfile`]: undefined },
    [`${FIELD}.securityContext.seccompProfile.type`],
  ],
  [
    "a container without the pod's profile",
    seccomp,
    { [`${CONTAINER}.securityContext.seccompProfile`]: { type: "Unconfined" } },
    [`${FIELD}.securityContext.seccompProfile.type`],
  ],

  [
    "no resources",
    resourcesSet,
    { [`${CONTAINER}.resources`]: undefined },
    ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"].map(
      (at) => `${FIELD}.resources.${at}`,
    ),
  ],
  [
    "no memory limit",
    resourcesSet,
    { [`${CONTAINER}.resources.limits.memory`]: undefined },
    [`${FIELD}.resources.limits.memory`],
  ],
  [
    "a request above its limit",
    resourcesSet,
    { [`${CONTAINER}.resources.requests.memory`]: "1Gi" },
    [`${FIELD}.resources.requests.memory`],
  ],

  [
    "a token",
    noApiToken,
    { [`${POD}.automountServiceAccountToken`]: undefined },
    [`${POD}.automountServiceAccountToken`],
  ],

  [
    "no probes",
    serverProbes,
    Object.fromEntries(
      ["startupProbe", "readinessProbe", "livenessProbe"].map((at) => [`${CONTAINER}.${at}`, undefined]),
    ),
    ["livenessProbe", "readinessProbe", "startupProbe"].map((at) => `${FIELD}.${at}`),
  ],

  [
    "a pause as long as the grace period",
    gracePeriod,
    { [`${CONTAINER}.lifecycle.preStop.sleep.seconds`]: 180 },
    [`${POD}.terminationGracePeriodSeconds`],
  ],
  [
    "a second too little",
    gracePeriod,
    { [`${POD}.terminationGracePeriodSeconds`]: 19 },
    [`${POD}.terminationGracePeriodSeconds`],
  ],
  [
    "a long pause in the default grace period",
    gracePeriod,
    {
      [`${POD}.terminationGracePeriodSeconds`]: undefined,
      [`${CONTAINER}.lifecycle.preStop.sleep.seconds`]: 25,
    },
    [`${POD}.terminationGracePeriodSeconds`],
  ],
  ["no pause", gracePeriod, { [`${CONTAINER}.lifecycle`]: undefined }, [`${FIELD}.lifecycle.preStop`]],
];

test.each(cases)("%s is found", (_, policy, changes, found) => {
  const { findings, open } = judge(policy, change(api(), changes));
  expect(findings.map(({ field }) => field).sort()).toEqual(found);
  expect(open).toEqual([]);
});

test.each([
  ["a digest", `attic@sha256:${"0".repeat(64)}`],
  ["a tag and a digest", `attic:latest@sha256:${"a".repeat(64)}`],
  ["a commit in a registry with a port", `localhost:5000/attic:${"f".repeat(40)}`],
])("%s pins an image", (_, image) => {
  expect(judge(imagePinned, change(api(), { [`${CONTAINER}.image`]: image })).findings).toEqual([]);
});

test.each<[string, Policy, string]>([
  ["an image", imagePinned, `${CONTAINER}.image`],
  ["a security context", nonRoot, `${CONTAINER}.securityContext`],
  ["a switch", readOnlyRoot, `${CONTAINER}.securityContext.readOnlyRootFilesystem`],
  ["volumes", noPrivileges, `${POD}.volumes`],
  ["a profile", seccomp, `${POD}.securityContext.seccompProfile`],
  ["a limit", resourcesSet, `${CONTAINER}.resources.limits`],
  ["a token's switch", noApiToken, `${POD}.automountServiceAccountToken`],
  ["a probe", serverProbes, `${CONTAINER}.readinessProbe`],
  ["a grace period", gracePeriod, `${POD}.terminationGracePeriodSeconds`],
])("%s that is not known yet is left open", (_, policy, path) => {
  const { findings, open } = judge(policy, change(api(), { [path]: UNKNOWN }));
  expect(findings).toEqual([]);
  expect(open).toHaveLength(1);
});

test("one container that is not known yet keeps nobody from judging the others", () => {
  const two = [UNKNOWN, { image: "busybox" }];
  expect(fields(judge(imagePinned, change(api(), { [`${POD}.containers`]: two })))).toEqual([
    `${POD}.containers[1].image`,
  ]);
});

test("CronJobs' pods are found where they are", () => {
  const path = "spec.jobTemplate.spec.template.spec.containers";
  expect(fields(judge(imagePinned, change(cronJob(), { [`${path}.0.image`]: "attic" })))).toEqual([
    `${path}[0].image`,
  ]);
});

describe("a token of the Kubernetes API", () => {
  test("is found in a ServiceAccount, too", () => {
    const account = change(serviceAccount("attic"), { automountServiceAccountToken: undefined });
    expect(fields(judge(noApiToken, account))).toEqual(["automountServiceAccountToken"]);
  });

  test("is fine for who is listed", () => {
    const account = change(serviceAccount("operator"), { automountServiceAccountToken: true });
    expect(judge(noApiToken, account, { allowed: ["operator"] }).findings).toEqual([]);
    expect(judge(noApiToken, account, { allowed: ["other"] }).findings).toHaveLength(1);
  });
});

test("a limit on CPU can be left out where a stack says so", () => {
  const unlimited = change(api(), { [`${CONTAINER}.resources.limits.cpu`]: undefined });
  expect(judge(resourcesSet, unlimited).findings).toHaveLength(1);
  expect(judge(resourcesSet, unlimited, { cpuLimit: false }).findings).toEqual([]);
});

test("who does not listen needs no probe and no pause", () => {
  const silent = change(api(), {
    [`${CONTAINER}.ports`]: undefined,
    [`${CONTAINER}.livenessProbe`]: undefined,
  });
  expect(judge(serverProbes, silent).findings).toEqual([]);
});

test("the message of a grace period counts", () => {
  const { problem, fix } = only(
    judge(gracePeriod, change(api(), { [`${POD}.terminationGracePeriodSeconds`]: 15 })),
  );
  expect([problem, fix]).toEqual([
    "the pause takes 10 s of it, so that 5 s are left to end requests",
    "Make it 20 at least.",
  ]);
});

describe("a Job", () => {
  test.each([
    ["that never gives up", migrations(), { "spec.backoffLimit": undefined }, ["spec.backoffLimit"]],
    [
      "without a deadline",
      migrations(),
      { "spec.activeDeadlineSeconds": undefined },
      ["spec.activeDeadlineSeconds"],
    ],
    ["whose runs overlap", cronJob(), { "spec.concurrencyPolicy": undefined }, ["spec.concurrencyPolicy"]],
    [
      "whose runs are kept for ever",
      cronJob(),
      { "spec.failedJobsHistoryLimit": undefined },
      ["spec.failedJobsHistoryLimit"],
    ],
    [
      "whose runs never give up",
      cronJob(),
      { "spec.jobTemplate.spec.backoffLimit": undefined },
      ["spec.jobTemplate.spec.backoffLimit"],
    ],
  ])("%s is found", (_, job, changes, found) => {
    expect(fields(judge(jobLimits, change(job, changes)))).toEqual(found);
  });

  test("may be removed after a time instead of counted", () => {
    const timed = change(cronJob(), {
      "spec.failedJobsHistoryLimit": undefined,
      "spec.jobTemplate.spec.ttlSecondsAfterFinished": 3600,
    });
    expect(judge(jobLimits, timed).findings).toEqual([]);
  });
});

describe("a namespace", () => {
  const namespace = (level?: string) =>
    kubernetes({
      kind: "Namespace",
      metadata: { name: "nix-cache", labels: level ? { "pod-security.kubernetes.io/enforce": level } : {} },
    });

  test("must enforce restricted, and nothing less", () => {
    expect(judge(restrictedNamespace, namespace("restricted")).findings).toEqual([]);
    expect(only(judge(restrictedNamespace, namespace("baseline"))).found).toBe('"baseline"');
    expect(only(judge(restrictedNamespace, namespace())).found).toBeUndefined();
  });
});

test.each([
  ["1.20.2", 0],
  ["v1.20.2", 0],
  ["1.20.2-rc.1", 0],
  [undefined, 1],
  ["", 1],
  ["1.20", 1],
  ["^1.20.2", 1],
  [">=1.20.2 <2", 1],
  ["latest", 1],
])("a chart of version %s has %i findings", (version, count) => {
  const release = resource("kubernetes:helm.sh/v3:Release", "traefik", { chart: "traefik", version });
  expect(judge(chartPinned, release).findings).toHaveLength(count);
});

describe("a Chart of the provider's newest kind", () => {
  const chart = (properties: Record<string, unknown>) =>
    judge(chartPinned, resource("kubernetes:helm.sh/v4:Chart", "traefik", properties)).findings;

  test("is not judged where its provider registers it without what the program asked for", () => {
    expect(chart({})).toEqual([]);
  });

  test("names its version where that can be seen", () => {
    expect(chart({ chart: "traefik", version: "37.1.2" })).toEqual([]);
    expect(chart({ chart: "traefik" })).toHaveLength(1);
  });

  test("of another kind without a version is found, whatever else it says", () => {
    for (const type of ["Release", "Chart"]) {
      const other = resource(`kubernetes:helm.sh/v3:${type}`, "traefik", {});
      expect(judge(chartPinned, other).findings).toHaveLength(1);
    }
  });
});
