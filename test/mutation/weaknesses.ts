/** Stands for taking a field away. */
export const GONE: unique symbol = Symbol("gone");

/** A way to make a resource weaker, by hand or by a mistake of the program. */
export interface Weakness {
  /** The kinds of resources, as the end of their type token. */
  kinds: RegExp;
  /** The fields, as paths such as `spec.template.spec.containers[0].image`. */
  path: RegExp;
  /** What the field becomes, one mutation each; a function gets the old value. */
  to: readonly (unknown | ((old: unknown) => unknown))[];
}

const workloads = /:(Deployment|CronJob|Job)$/;
const pod = "^spec\\.(jobTemplate\\.spec\\.)?template\\.spec\\.";
const container = `${pod}(containers|initContainers)\\[\\d+\\]\\.`;
const at = (path: string) => new RegExp(`${path}$`);

/** What can go wrong with what the stack is made of; each applies to every field that fits. */
export const weaknesses: readonly Weakness[] = [
  // What runs, and as whom.
  {
    kinds: workloads,
    path: at(`${container}image`),
    to: [(old: unknown) => `${String(old).split(":")[0]}:latest`],
  },
  { kinds: workloads, path: at(`${container}securityContext`), to: [GONE] },
  { kinds: workloads, path: at(`${container}securityContext\\.privileged`), to: [true] },
  { kinds: workloads, path: at(`${container}securityContext\\.allowPrivilegeEscalation`), to: [true, GONE] },
  { kinds: workloads, path: at(`${container}securityContext\\.readOnlyRootFilesystem`), to: [false, GONE] },
  { kinds: workloads, path: at(`${container}securityContext\\.runAsNonRoot`), to: [false] },
  { kinds: workloads, path: at(`${container}securityContext\\.runAsUser`), to: [0] },
  {
    kinds: workloads,
    path: at(`${container}securityContext\\.capabilities`),
    to: [GONE, { add: ["SYS_ADMIN"] }],
  },
  { kinds: workloads, path: at(`${container}securityContext\\.capabilities\\.drop`), to: [[], ["NET_RAW"]] },
  { kinds: workloads, path: at(`${pod}securityContext`), to: [GONE] },
  {
    kinds: workloads,
    path: at(`${pod}securityContext\\.seccompProfile`),
    to: [GONE, { type: "Unconfined" }],
  },
  { kinds: workloads, path: at(`${pod}automountServiceAccountToken`), to: [true] },
  { kinds: workloads, path: at(`${pod}serviceAccountName`), to: ["default", GONE] },
  { kinds: workloads, path: at(`${pod}containers`), to: [withPod({ hostNetwork: true })] },
  { kinds: workloads, path: at(`${container}resources`), to: [GONE] },
  { kinds: workloads, path: at(`${container}resources\\.(requests|limits)`), to: [GONE] },
  { kinds: workloads, path: at(`${container}resources\\.limits\\.memory`), to: [GONE] },
  { kinds: /:Deployment$/, path: at(`${container}(liveness|readiness|startup)Probe`), to: [GONE] },
  { kinds: /:Deployment$/, path: at(`${pod}terminationGracePeriodSeconds`), to: [1] },
  { kinds: /:Deployment$/, path: at(`${pod}topologySpreadConstraints`), to: [GONE] },
  { kinds: /:Deployment$/, path: at("^spec\\.strategy"), to: [GONE] },
  { kinds: /:Deployment$/, path: at("^spec\\.template"), to: [GONE] },
  { kinds: /:Job$/, path: at("^spec\\.backoffLimit"), to: [GONE] },
  {
    kinds: workloads,
    path: at(`${container}env\\[\\d+\\]\\.value`),
    to: ["postgresql://attic:hunter2hunter2@db/attic"],
  },
  { kinds: /:ServiceAccount$/, path: at("^automountServiceAccountToken"), to: [true] },
  { kinds: /:HorizontalPodAutoscaler$/, path: at("^spec\\.minReplicas"), to: [1] },
  { kinds: /:HorizontalPodAutoscaler$/, path: at("^spec\\.maxReplicas"), to: [500, 1] },
  { kinds: /:PodDisruptionBudget$/, path: at("^spec\\.(minAvailable|maxUnavailable)"), to: ["100%"] },
  {
    kinds: /:Namespace$/,
    path: /^metadata\.labels\["pod-security\.kubernetes\.io\/enforce"\]$/,
    to: ["privileged", GONE],
  },

  // Who may talk to whom.
  { kinds: /:NetworkPolicy$/, path: at("^spec\\.podSelector"), to: [{ matchLabels: { app: "nobody" } }] },
  {
    kinds: /:NetworkPolicy$/,
    path: at("^spec\\.ingress\\[\\d+\\]\\.from"),
    to: [GONE, [{ ipBlock: { cidr: "0.0.0.0/0" } }]],
  },
  {
    kinds: /:NetworkPolicy$/,
    path: at("^spec\\.egress\\[\\d+\\]\\.to\\[\\d+\\]\\.ipBlock\\.except"),
    to: [GONE, []],
  },

  // The database and its backups.
  { kinds: /:Cluster$/, path: at("^spec\\.instances"), to: [1] },
  { kinds: /:Cluster$/, path: at("^spec\\.enableSuperuserAccess"), to: [true] },
  {
    kinds: /:Cluster$/,
    path: at("^spec\\.postgresql\\.pg_hba"),
    to: [GONE, [], (old: unknown) => (old as string[]).toReversed()],
  },
  { kinds: /:Cluster$/, path: at("^spec\\.postgresql\\.pg_hba\\[0\\]"), to: ["host all all all trust"] },
  { kinds: /:Cluster$/, path: at("^spec\\.postgresql\\.parameters\\.max_connections"), to: ["20"] },
  { kinds: /:Cluster$/, path: at("^spec\\.plugins"), to: [GONE, []] },
  { kinds: /:Cluster$/, path: at("^spec\\.affinity"), to: [GONE] },
  { kinds: /:Cluster$/, path: at("^spec\\.resources"), to: [GONE] },
  { kinds: /:Cluster$/, path: at("^spec\\.imageName"), to: ["ghcr.io/cloudnative-pg/postgresql:latest"] },
  { kinds: /:Cluster$/, path: at("^spec\\.storage\\.size"), to: ["1Gi"] },
  { kinds: /:ScheduledBackup$/, path: at("^spec\\.schedule"), to: ["0 0 * * *", "0 0 0 1 1 *"] },
  {
    kinds: /:ScheduledBackup$/,
    path: at("^spec"),
    // A field that the program leaves out.
    to: [(old: unknown) => ({ ...(old as object), suspend: true })],
  },
  { kinds: /:ScheduledBackup$/, path: at("^spec\\.cluster\\.name"), to: ["another"] },
  { kinds: /:ObjectStore$/, path: at("^spec\\.retentionPolicy"), to: ["1d", GONE] },

  // The buckets and who may use them.
  { kinds: /:BucketVersioning$/, path: at("^versioningConfiguration\\.status"), to: ["Suspended"] },
  { kinds: /:BucketPublicAccessBlock$/, path: /^(block|ignore|restrict)\w+$/, to: [false, GONE] },
  { kinds: /:BucketServerSideEncryptionConfiguration$/, path: at("^rules"), to: [[], GONE] },
  { kinds: /:BucketOwnershipControls$/, path: at("^rule\\.objectOwnership"), to: ["ObjectWriter"] },
  { kinds: /:BucketLifecycleConfiguration$/, path: at("^rules"), to: [[]] },
  {
    kinds: /:BucketLifecycleConfiguration$/,
    path: at("^rules\\[\\d+\\]"),
    to: [
      (old: unknown) => ({ ...(old as object), expiration: { days: 1 } }),
      (old: unknown) => ({ ...(old as object), transitions: [{ days: 30, storageClass: "GLACIER" }] }),
    ],
  },
  {
    kinds: /:BucketPolicy$/,
    path: at("^policy"),
    to: [inText(/"Deny"/, '"Allow"'), inText(/SecureTransport/, "ViaAWSService")],
  },
  {
    kinds: /:RolePolicy$/,
    path: at("^policy"),
    to: [
      inText(/"s3:[A-Za-z]+"/, '"s3:*"'),
      inText(/"arn:aws:s3:::[^"]+"/, '"*"'),
      inText(/"s3:[A-Za-z]+"/, '"iam:PassRole"'),
    ],
  },
  {
    kinds: /:Role$/,
    path: at("^assumeRolePolicy"),
    to: [
      inText(/StringEquals/, "StringLike"),
      inText(/system:serviceaccount:[^"]+/, "system:serviceaccount:*:*"),
      inText(/"Federated":"[^"]+"/, '"AWS":"*"'),
      inText(/"Condition":\{.*\}\}(?=[,}])/, '"Sid":"a"'),
    ],
  },

  // What clients meet.
  { kinds: /:Service$/, path: at("^spec\\.type"), to: ["NodePort", "LoadBalancer"] },
  { kinds: /:IngressRoute$/, path: at("^spec\\.tls"), to: [GONE, {}] },
  { kinds: /:IngressRoute$/, path: at("^spec\\.entryPoints"), to: [["web", "websecure"], GONE] },
  {
    kinds: /:IngressRoute$/,
    path: at("^spec\\.routes\\[\\d+\\]\\.match"),
    to: [(old: unknown) => String(old).replace(/^.*?Host\(`[^`]*`\)\)?( && )?/, "") || "PathPrefix(`/`)"],
  },
  {
    kinds: /:IngressRoute$/,
    path: at("^spec\\.routes\\[\\d+\\]\\.middlewares"),
    to: [
      GONE,
      [{ name: "nowhere" }],
      (old: unknown) => (old as { name: string }[]).filter(({ name }) => !/rate|flight/.test(name)),
    ],
  },
  { kinds: /:IngressRoute$/, path: at("^spec\\.routes\\[\\d+\\]\\.services\\[0\\]\\.name"), to: ["nowhere"] },
  { kinds: /:Middleware$/, path: at("^spec"), to: [{ buffering: {} }] },
  { kinds: /:Middleware$/, path: at("^spec\\.rateLimit\\.average"), to: [0] },
  { kinds: /:Middleware$/, path: at("^spec\\.inFlightReq\\.amount"), to: [0] },
  { kinds: /:Certificate$/, path: at("^spec\\.dnsNames"), to: [[], ["other.example.com"]] },
  { kinds: /:Certificate$/, path: at("^spec\\.secretName"), to: ["other"] },

  // Who is told.
  { kinds: /:PrometheusRule$/, path: /^spec\.groups\[\d+\]\.rules\[[05]\]\.labels\.severity$/, to: [GONE] },
  { kinds: /:PrometheusRule$/, path: /^spec\.groups\[\d+\]\.rules\[[05]\]\.annotations$/, to: [GONE] },
  {
    kinds: /:PrometheusRule$/,
    path: /^spec\.groups\[\d+\]\.rules\[[05]\]\.annotations\.runbook_url$/,
    to: [GONE, "https://example.com/runbooks/Nothing.md"],
  },

  // What must not be read by everybody.
  {
    kinds: /:ConfigMap$/,
    path: /^data\["server\.toml"\]$/,
    to: [
      (old: unknown) =>
        `${old}\n[jwt.signing]\ntoken-rs256-secret-base64 = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo="\n`,
    ],
  },
  {
    kinds: /:(ConfigMap|Service|Deployment)$/,
    path: at("^metadata\\.labels"),
    to: [GONE],
  },
  {
    kinds: /:(Deployment|Service)$/,
    path: at("^metadata"),
    to: [(old: unknown) => ({ ...(old as object), annotations: { note: `Bearer ${jwt}` } })],
  },
];

const jwt = `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString("base64url")}.${Buffer.from('{"sub":"ci/leaked","exp":1900000000}').toString("base64url")}.${"c2lnbmF0dXJl".repeat(8)}`;

/** Replaces a piece of a text; the mutation is left out where the text has no such piece. */
function inText(piece: RegExp, by: string): (old: unknown) => unknown {
  return (old) => (typeof old === "string" && piece.test(old) ? old.replace(piece, by) : old);
}

/** Adds fields to the pod around its containers; the runner knows to put them there. */
function withPod(fields: object): { pod: object } {
  return { pod: fields };
}
