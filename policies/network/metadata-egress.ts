import { each, resourcePolicy } from "../framework/policy.ts";
import { list } from "../framework/settings.ts";
import { holds } from "./addresses.ts";
import { NETWORK_POLICY, policyOf } from "./network-policy.ts";

/** At these addresses a cloud hands out its node's credentials to whoever asks. */
export const noMetadataEgress = resourcePolicy({
  name: "no-metadata-egress",
  description: "No NetworkPolicy lets a pod reach a cloud's metadata service.",
  level: "mandatory",
  kinds: [NETWORK_POLICY],
  settings: {
    addresses: list(
      ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254"],
      "addresses of metadata services: AWS, Google Cloud and Azure share the first",
    ),
  },
  *check(subject, { addresses }) {
    yield* each(policyOf(subject).egress, function* (rule, index) {
      const at = `spec.egress[${index}].to`;
      if (!rule.to?.length) {
        yield {
          field: at,
          problem: "a rule without peers lets pods reach everything",
          fix: "Name whom they may reach.",
        };
      }
      yield* each(rule.to, function* ({ ipBlock }, peer) {
        const { cidr, except = [] } = ipBlock ?? {};
        const reached = addresses.filter(
          (address) =>
            cidr !== undefined && holds(cidr, address) && !except.some((out) => holds(out, address)),
        );
        if (reached.length === 0) return;
        yield {
          field: `${at}[${peer}].ipBlock`,
          found: { cidr, except },
          problem: `holds ${reached.join(" and ")}, where a cloud hands out its node's credentials`,
          fix: "Except the address, as attic:network.denied does.",
        };
      });
    });
  },
});
