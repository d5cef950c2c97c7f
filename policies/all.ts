import { alertsComplete } from "./alerts/complete.ts";
import { runbooksExist } from "./alerts/runbooks.ts";
import { databaseSuperuser, databaseTls } from "./database/access.ts";
import { backupRetention, backupSchedule, databaseBackups } from "./database/backups.ts";
import { connectionBudget } from "./database/connections.ts";
import { databaseInstances, databaseSpread } from "./database/instances.ts";
import { databaseImage, databaseStorage } from "./database/storage.ts";
import type { Policy } from "./framework/policy.ts";
import { noDestruction } from "./guards/no-destruction.ts";
import { irreplaceableProtected } from "./guards/protected.ts";
import { routesHost } from "./ingress/hosts.ts";
import { routesLimited } from "./ingress/limits.ts";
import { oneWayIn } from "./ingress/one-way-in.ts";
import { routesResolve } from "./ingress/references.ts";
import { refusalsFirst } from "./ingress/refusals.ts";
import { routesStream } from "./ingress/streams.ts";
import { routesTls } from "./ingress/tls.ts";
import { recommendedLabels } from "./labels/recommended.ts";
import { defaultDeny } from "./network/default-deny.ts";
import { noMetadataEgress } from "./network/metadata-egress.ts";
import { noOpenIngress } from "./network/open-ingress.ts";
import { podsCovered } from "./network/pods-covered.ts";
import { bucketEncryption } from "./object-store/encryption.ts";
import { leastAccess } from "./object-store/least-access.ts";
import { bucketLifecycle } from "./object-store/lifecycle.ts";
import { bucketPrivate } from "./object-store/private.ts";
import { bucketTlsOnly } from "./object-store/tls-only.ts";
import { roleTrust } from "./object-store/trust.ts";
import { bucketVersioning } from "./object-store/versioning.ts";
import { versionsOutliveBackups } from "./object-store/versions-outlive-backups.ts";
import { runbooks } from "./runbooks.ts";
import { secretsMarked } from "./secrets/marked.ts";
import { noPlainOutputs, noPlainSecrets, noSecretsInPlainObjects } from "./secrets/plain.ts";
import { tokensInOutputs, tokensInSecrets } from "./secrets/tokens.ts";
import { migrationsFirst } from "./upgrades/migrations.ts";
import { oneTask } from "./upgrades/modes.ts";
import { oneImage } from "./upgrades/one-image.ts";
import { noApiToken } from "./workloads/api-token.ts";
import { autoscalerBounds, autoscalerOwnsReplicas } from "./workloads/autoscaler.ts";
import { noBroadBindings } from "./workloads/broad-bindings.ts";
import { chartPinned } from "./workloads/chart-pinned.ts";
import { disruptionBudget } from "./workloads/disruption-budget.ts";
import { gracePeriod } from "./workloads/grace-period.ts";
import { imagePinned } from "./workloads/image-pinned.ts";
import { jobLimits } from "./workloads/jobs.ts";
import { restrictedNamespace } from "./workloads/namespace.ts";
import { noPrivileges } from "./workloads/no-privileges.ts";
import { nonRoot } from "./workloads/non-root.ts";
import { serverProbes } from "./workloads/probes.ts";
import { readOnlyRoot } from "./workloads/read-only-root.ts";
import { replicasSpread } from "./workloads/replicas-spread.ts";
import { resourcesSet } from "./workloads/resources.ts";
import { seccomp } from "./workloads/seccomp.ts";
import { ownServiceAccount } from "./workloads/service-account.ts";

/** Every policy by domain, in the order in which documents list them. */
export const domains = {
  workloads: [
    imagePinned,
    chartPinned,
    nonRoot,
    readOnlyRoot,
    noPrivileges,
    seccomp,
    restrictedNamespace,
    resourcesSet,
    ownServiceAccount,
    noApiToken,
    noBroadBindings,
    serverProbes,
    gracePeriod,
    disruptionBudget,
    replicasSpread,
    autoscalerBounds,
    autoscalerOwnsReplicas,
    jobLimits,
  ],
  secrets: [
    noPlainSecrets,
    noSecretsInPlainObjects,
    noPlainOutputs,
    secretsMarked,
    tokensInSecrets,
    tokensInOutputs,
  ],
  network: [defaultDeny, podsCovered, noOpenIngress, noMetadataEgress],
  database: [
    databaseInstances,
    databaseSpread,
    databaseTls,
    databaseSuperuser,
    databaseStorage,
    databaseImage,
    databaseBackups,
    backupSchedule,
    backupRetention,
    connectionBudget,
  ],
  "object store": [
    bucketVersioning,
    bucketEncryption,
    bucketPrivate,
    bucketTlsOnly,
    bucketLifecycle,
    versionsOutliveBackups,
    leastAccess,
    roleTrust,
  ],
  ingress: [oneWayIn, routesTls, routesHost, routesLimited, routesStream, refusalsFirst, routesResolve],
  alerts: [alertsComplete, runbooksExist(runbooks())],
  guards: [irreplaceableProtected, noDestruction],
  upgrades: [oneImage, oneTask, migrationsFirst],
  labels: [recommendedLabels],
} satisfies Record<string, Policy[]>;

/** Every policy. */
export const policies: readonly Policy[] = Object.values(domains).flat();
