import { networkPolicies } from "../../../../components/network/policies.ts";
import type { StackConfig } from "../../../../config/index.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { between } from "../../../../judges/network-policies/actors.ts";
import type { Endpoint } from "../../../../judges/network-policies/evaluate.ts";
import { s3, stackConfig } from "../../../support/settings.ts";

/** A stack with a CloudNativePG cluster and backups, and these network settings. */
export const clusterStack = (
  network: Settings["network"] = {},
  store: Parameters<typeof s3>[0] = {},
): StackConfig =>
  stackConfig(
    {
      database: {},
      objectStore: s3({ credentials: { accessKeyId: "AKIA", secretAccessKey: "wJalr" }, ...store }),
      network,
    },
    ["objectStore"],
  );

/** Who may connect to whom, as a Markdown table: a row for each source, a column for each target. */
export function matrix(
  config: StackConfig,
  sources: Record<string, Endpoint>,
  targets: Record<string, Endpoint>,
): string {
  const policies = networkPolicies(config);
  const header = ["from ↓ to →", ...Object.keys(targets)];
  const rows = Object.entries(sources).map(([name, from]) => [
    name,
    ...Object.values(targets).map((to) => between(policies, from, to)),
  ]);
  const widths = header.map((_, at) => Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [
    line(header),
    `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}
