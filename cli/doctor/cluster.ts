import type { ExpectedApi } from "../../components/operators/apis.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Cluster, KubeObject } from "../cluster/index.ts";
import { formatDuration } from "../time.ts";
import { type Finding, failed, look, ok, unseen } from "./finding.ts";
import { atLeast } from "./project.ts";

/** Seconds by which a clock may differ: tokens are valid from ten minutes before they are made, and S3 allows 15. */
export const tolerance = 60;

/** Who one is to the API server, and its clock. */
export interface Self {
  name: string;
  /** The API server's time. */
  time: Date;
}

/** Asks who one is, which anybody may. */
export async function askSelf(cluster: Cluster): Promise<Self> {
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  const { metadata, status } =
    await cluster.create<KubeObject<unknown, { userInfo?: { username?: string } }>>(review);
  return {
    name: status?.userInfo?.username ?? "this person",
    time: new Date(metadata.creationTimestamp ?? Number.NaN),
  };
}

/** Whether the API server answers, and is new enough for the manifests. */
export const checkVersion = (cluster: Cluster, least: string): Promise<Finding> =>
  look("cluster", async () => {
    const version = await cluster.version();
    const said = `Kubernetes ${version} at ${cluster.server} (context ${cluster.context})`;
    return atLeast(version, least)
      ? ok("cluster", said)
      : failed("cluster", `${said}: the manifests need ${least} or newer`, "upgrade the cluster first");
  });

/** Whether the operators are there that the stack expects and does not install. */
export const checkApis = (cluster: Cluster, expected: readonly ExpectedApi[]): Promise<Finding> =>
  look("operators' APIs", async () => {
    const missing: string[] = [];
    for (const { api, lookUp } of expected) {
      const found = await cluster.find<KubeObject<unknown, Conditions>>(apiService(api));
      if (!found || !isTrue(found, "Available")) missing.push(`${api} is not there: ${lookUp}`);
    }
    if (missing.length === 0)
      return ok("operators' APIs", expected.map(({ api }) => api).join(", ") || "none is needed");
    return failed(
      "operators' APIs",
      `${missing.length} of ${expected.length} are missing`,
      "see docs/operators.md",
      missing,
    );
  });

interface Conditions {
  conditions?: { type: string; status: string; message?: string }[];
}

const apiService = (name: string) => ({ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", name });

const conditionOf = ({ status }: KubeObject<unknown, Conditions>, type: string) =>
  status?.conditions?.find((each) => each.type === type);
const isTrue = (object: KubeObject<unknown, Conditions>, type: string) =>
  conditionOf(object, type)?.status === "True";

const namespaceOf = ({ namespace }: Cluster) => ({ apiVersion: "v1", kind: "Namespace", name: namespace });

/** Whether the stack's namespace is there; taken for granted where this person may not look. */
export const hasNamespace = (cluster: Cluster): Promise<boolean> =>
  cluster.find(namespaceOf(cluster)).then(Boolean, () => true);

/** Whether the namespace holds its pods to what the program makes it hold them to. */
export const checkNamespace = (cluster: Cluster): Promise<Finding> =>
  look("namespace", async () => {
    const found = await cluster.find(namespaceOf(cluster));
    if (!found) return ok("namespace", `${cluster.namespace} is not there yet; the stack makes it`);
    const level = found.metadata.labels?.["pod-security.kubernetes.io/enforce"];
    if (level === "restricted")
      return ok("namespace", `${cluster.namespace} enforces Pod Security level restricted`);
    return failed(
      "namespace",
      `${cluster.namespace} enforces ${level ? `Pod Security level ${level}` : "no Pod Security level"}, not restricted`,
      "the next update sets it, if the namespace is the stack's; else give the stack another with attic:namespace",
    );
  });

/** Whether somebody measures pods for the autoscaler. */
export const checkMetrics = (cluster: Cluster): Promise<Finding> =>
  look("metrics API", async () => {
    const todo = "install metrics-server; without it, the autoscaler does nothing and the update fails";
    const found = await cluster.find<KubeObject<unknown, Conditions>>(apiService("v1beta1.metrics.k8s.io"));
    if (!found) return failed("metrics API", "the cluster has none", todo);
    if (isTrue(found, "Available")) return ok("metrics API", "it is there, so the autoscaler can see");
    return failed(
      "metrics API",
      `it does not answer: ${conditionOf(found, "Available")?.message ?? "no reason given"}`,
      todo,
    );
  });

const storageKind = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" };
const byDefault = "storageclass.kubernetes.io/is-default-class";

/** Whether the database's volumes have a StorageClass. */
export const checkStorage = (cluster: Cluster, { database }: StackConfig): Promise<Finding> =>
  look("storage", async () => {
    if (database.provider !== "cloudNativePg")
      return ok("storage", "the database is elsewhere: no volume is needed");
    const { storageClass: wanted } = database.cloudNativePg.storage;
    const classes = await cluster.list(storageKind);
    const names = classes.map(({ metadata }) => metadata.name).join(", ") || "none";
    const setting = "attic:database.cloudNativePg.storage.storageClass";
    if (wanted !== undefined) {
      return classes.some(({ metadata }) => metadata.name === wanted)
        ? ok("storage", `StorageClass ${wanted} is there`)
        : failed("storage", `there is no StorageClass ${wanted}`, `set ${setting} to one of: ${names}`);
    }
    const [first, ...more] = classes.filter(({ metadata }) => metadata.annotations?.[byDefault] === "true");
    if (!first)
      return failed("storage", "no StorageClass is the default", `set ${setting} to one of: ${names}`);
    const note = more.length > 0 ? "; there are several, and Kubernetes takes the newest" : "";
    return ok("storage", `StorageClass ${first.metadata.name} is the default${note}`);
  });

/** Whether a clock goes right, held against this machine's. */
export function checkClock(check: string, whose: string, theirs: Date, ours: Date): Finding {
  if (Number.isNaN(theirs.getTime())) return unseen(check, `${whose} does not tell its time`);
  const ahead = Math.round((theirs.getTime() - ours.getTime()) / 1000);
  if (Math.abs(ahead) <= tolerance)
    return ok(check, `${whose} and this machine agree to within ${tolerance} s`);
  return failed(
    check,
    `${whose} is ${formatDuration(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} this machine`,
    "set the wrong one right (NTP): Attic allows a token no difference beside the ten minutes that are minted in",
  );
}
