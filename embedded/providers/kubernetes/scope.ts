/** Namespaced or not, for the kinds every cluster has: what a preview without a cluster knows. */
import type { Gvk } from "./object.ts";

const CLUSTER_SCOPED = new Set([
  "/Namespace",
  "/Node",
  "/PersistentVolume",
  "admissionregistration.k8s.io/MutatingAdmissionPolicy",
  "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "apiregistration.k8s.io/APIService",
  "certificates.k8s.io/CertificateSigningRequest",
  "flowcontrol.apiserver.k8s.io/FlowSchema",
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
  "networking.k8s.io/IngressClass",
  "node.k8s.io/RuntimeClass",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/CSIDriver",
  "storage.k8s.io/CSINode",
  "storage.k8s.io/StorageClass",
  "storage.k8s.io/VolumeAttachment",
]);

const BUILT_IN_GROUPS = /^(|apps|batch|autoscaling|policy|extensions|.*\.k8s\.io)$/;

/** Whether Kubernetes itself has the group. */
export function isBuiltIn(group: string): boolean {
  return BUILT_IN_GROUPS.test(group);
}

/** Whether a kind lives in namespaces; undefined for custom resources, which only their cluster knows. */
export function isNamespaced({ group, kind }: Gvk): boolean | undefined {
  if (CLUSTER_SCOPED.has(`${group}/${kind}`)) return false;
  return isBuiltIn(group) ? true : undefined;
}
