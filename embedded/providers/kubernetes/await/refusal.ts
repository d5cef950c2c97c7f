/** Pods that are refused before they exist: Pod Security, admission policies and webhooks, quotas. */

const POLICY = /violates PodSecurity|ValidatingAdmissionPolicy|admission webhook .* denied the request/;
const FORBIDDEN = /forbidden/;
/** A quota may be freed and a ServiceAccount may be on its way; a policy does not change its mind. */
const FORBIDDEN_PATIENCE = 15_000;

/** Whether it makes no sense to wait any longer for pods refused with `message`. */
export function isFinalRefusal(message: string, elapsed: number): boolean {
  return POLICY.test(message) || (FORBIDDEN.test(message) && elapsed > FORBIDDEN_PATIENCE);
}
