import type { StackConfig } from "../../../config/index.ts";
import { series } from "../metrics/index.ts";
import type { RuleGroup } from "../rule.ts";
import { each, instanceNames, lines, seconds } from "./scope.ts";

/** Whether the database's volumes have room. Only drivers that tell the kubelet how full a volume is are covered. */
export function volumes({ namespace, database }: StackConfig): RuleGroup[] {
  if (database.provider !== "cloudNativePg") return [];
  const ofInstances = { namespace, persistentvolumeclaim: instanceNames };
  const free = series("kubelet_volume_stats_available_bytes", ofInstances);
  const capacity = series("kubelet_volume_stats_capacity_bytes", ofInstances);
  const eachVolume = (query: string) => each("namespace, persistentvolumeclaim", query);
  const share = eachVolume(`${free} / ${capacity}`);
  return [
    {
      name: "attic-volumes",
      rules: [
        {
          alert: "AtticVolumeFilling",
          expr: lines(
            `${share} < 0.4`,
            `and ${eachVolume(`predict_linear(${free}[6h], ${4 * seconds.day})`)} < 0`,
          ),
          for: "1h",
          severity: "warning",
          summary: "The volume {{ $labels.persistentvolumeclaim }} will be full within 4 days",
          description:
            "{{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} are free, and at the " +
            "pace of the last 6 hours none will be in 4 days. A full volume stops the database.",
        },
        {
          alert: "AtticVolumeFull",
          expr: `${share} < 0.1`,
          for: "5m",
          severity: "critical",
          summary: "The volume {{ $labels.persistentvolumeclaim }} is almost full",
          description:
            "Only {{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} are free. A full " +
            "volume stops the database, and no failover helps.",
        },
      ],
    },
  ];
}
