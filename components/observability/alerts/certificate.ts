import type { StackConfig } from "../../../config/index.ts";
import { names } from "../../attic/names.ts";
import { series } from "../metrics/index.ts";
import type { RuleGroup } from "../rule.ts";
import { each, lines, seconds } from "./scope.ts";

type Metric =
  | "certmanager_certificate_expiration_timestamp_seconds"
  | "certmanager_certificate_renewal_timestamp_seconds"
  | "certmanager_certificate_ready_status";

/**
 * The certificate's metric, whichever of its labels carries its namespace: that depends on how cert-manager is
 * scraped.
 */
export function ofCertificate(
  { namespace }: StackConfig,
  metric: Metric,
  matchers: { condition?: RegExp } = {},
): string {
  const both = { name: names.api, ...matchers };
  return `(${series(metric, { namespace, ...both })} or ${series(metric, { exported_namespace: namespace, ...both })})`;
}

/** Whether the cache's certificate is good, and is renewed in time. */
export function certificate(config: StackConfig): RuleGroup[] {
  if (!config.ingress.enabled) return [];
  const renewal = each("name", ofCertificate(config, "certmanager_certificate_renewal_timestamp_seconds"));
  const end = each("name", ofCertificate(config, "certmanager_certificate_expiration_timestamp_seconds"));
  const notReady = each(
    "name",
    ofCertificate(config, "certmanager_certificate_ready_status", { condition: /False|Unknown/ }),
  );
  return [
    {
      name: "attic-certificate",
      rules: [
        {
          // A certificate that lives for a week only is always about to end, but not always due.
          alert: "AtticCertificateExpiring",
          expr: lines(`(${end} > 0) - time() < ${7 * seconds.day}`, `and ${renewal} < time()`),
          for: "1h",
          severity: "critical",
          summary: "The cache's certificate ends in {{ $value | humanizeDuration }}",
          description:
            "The certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }} and has not been renewed, though " +
            "it was due. Then Nix refuses the cache, and builds go on without it.",
        },
        {
          alert: "AtticCertificateNotRenewed",
          expr: `time() - (${renewal} > 0) > ${seconds.day}`,
          for: "1h",
          severity: "warning",
          summary: "The cache's certificate should have been renewed {{ $value | humanizeDuration }} ago",
          description:
            "The certificate {{ $labels.name }} was due to be renewed {{ $value | humanizeDuration }} ago, and has not " +
            "been. It goes on being valid for now.",
        },
        {
          alert: "AtticCertificateNotReady",
          expr: `${notReady} == 1`,
          for: "15m",
          severity: "warning",
          summary: "The cache's certificate is not ready",
          description:
            "The certificate {{ $labels.name }} has not been ready for 15 minutes: it is not signed yet, its Secret does " +
            "not match it, or it has ended. Without a good one Nix refuses the cache.",
        },
      ],
    },
  ];
}
