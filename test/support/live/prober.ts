import { reachName } from "../../../live/images/reach.ts";

/** A pod that tries what packets get through, and answers those of others. */
export interface Prober {
  name: string;
  namespace: string;
  labels?: Record<string, string>;
  /** Ports that it answers on: `8080`, `53/udp`. At least one. */
  listens: readonly string[];
  /** What it says of itself; not believed by any Service as long as one of the conditions is nobody's to set. */
  readinessGates?: readonly { conditionType: string }[];
  /** More of the container: ports with names, probes. */
  container?: object;
  /** The node that it runs on, whatever the scheduler would say of it. */
  node?: string;
}

/** The pod of a prober, as the restricted Pod Security Standard wants pods to be. */
export const proberPod = ({ name, namespace, labels, listens, readinessGates, container, node }: Prober) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { ...labels } },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    ...(readinessGates && { readinessGates }),
    ...(node && { nodeName: node }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
      // It answers on any port, as nobody.
      sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    },
    containers: [
      {
        name: "reach",
        image: reachName,
        imagePullPolicy: "IfNotPresent",
        args: ["listen", ...listens],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { cpu: "500m", memory: "64Mi" } },
        ...container,
      },
    ],
  },
});

/** What became of a try: an answer, a refusal by who got the packet, nothing, or an error in words. */
export type Verdict = "open" | "refused" | "silent" | (string & {});

/** The command, in a prober's container, that tries `HOST:PORT` or `HOST:PORT/udp`. */
export const tryCommand = (targets: readonly string[], timeout = "2s"): string[] => [
  "/reach",
  "try",
  "--timeout",
  timeout,
  ...targets,
];

/** What the command told, by target. */
export const verdicts = (stdout: string): Record<string, Verdict> =>
  JSON.parse(stdout) as Record<string, Verdict>;

/** Whether packets got there and back. */
export const passed = (verdict: Verdict | undefined): boolean => verdict === "open" || verdict === "refused";
