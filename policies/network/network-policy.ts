import type { networking } from "@pulumi/kubernetes/types/output.js";
import { namespaceOf, type Partially, specOf } from "../framework/kubernetes.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";

/** The kind of NetworkPolicies. */
export const NETWORK_POLICY = "networking.k8s.io/NetworkPolicy";

/** A NetworkPolicy's spec. */
export type PolicySpec = Partially<networking.v1.NetworkPolicySpec>;

/** The spec of a NetworkPolicy. */
export const policyOf = (subject: Subject): PolicySpec => specOf<networking.v1.NetworkPolicySpec>(subject);

/** The NetworkPolicies of a namespace. */
export const policiesIn = (stack: Stack, namespace: string): Subject[] =>
  ofKind(stack, NETWORK_POLICY).filter((policy) => namespaceOf(policy) === namespace);
