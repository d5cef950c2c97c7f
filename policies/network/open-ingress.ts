import { each, resourcePolicy } from "../framework/policy.ts";
import { NETWORK_POLICY, policyOf } from "./network-policy.ts";

/** Rate limits and refused tokens are at the ingress controller: a way around it is a way around them. */
export const noOpenIngress = resourcePolicy({
  name: "no-open-ingress",
  description: "No NetworkPolicy lets the whole world, or every pod of the cluster, connect to a pod.",
  level: "mandatory",
  kinds: [NETWORK_POLICY],
  *check(subject) {
    yield* each(policyOf(subject).ingress, function* (rule, index) {
      const at = `spec.ingress[${index}]`;
      if (!rule.from?.length) {
        yield {
          field: `${at}.from`,
          problem: "a rule without peers lets everybody in",
          fix: "Name who may connect.",
        };
      }
      yield* each(rule.from, function* ({ ipBlock, namespaceSelector, podSelector }, peer) {
        const cidr = ipBlock?.cidr;
        if (cidr !== undefined && Number(cidr.split("/")[1] ?? 32) < 8) {
          yield {
            field: `${at}.from[${peer}].ipBlock.cidr`,
            found: cidr,
            problem: "everybody who has an address may connect",
            fix: "Name the addresses that are meant, or the pods.",
          };
        }
        const everyNamespace = namespaceSelector && Object.keys(namespaceSelector).length === 0;
        if (everyNamespace && Object.keys(podSelector ?? {}).length === 0) {
          yield {
            field: `${at}.from[${peer}].namespaceSelector`,
            found: {},
            problem: "every pod of the cluster may connect",
            fix: "Name the namespace, or labels of the pods.",
          };
        }
      });
    });
  },
});
