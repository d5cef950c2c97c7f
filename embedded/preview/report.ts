import type { OutputValue, RunResult } from "../engine/engine.ts";
import type { Diagnostic, ResourceState } from "../engine/events.ts";
import { nameOf, typeOf } from "../engine/events.ts";
import { type ProviderChoice, usedProviders } from "../engine/providers.ts";
import { shown } from "../local/paths.ts";
import { outputText } from "../local/summary.ts";
import { plannedText } from "../local/terminal/changes.ts";
import { shortType } from "../local/terminal/progress.ts";
import type { Screen } from "../local/terminal/screen.ts";
import { cut, duration, table } from "../local/terminal/table.ts";
import { resourceTree } from "../local/terminal/tree.ts";

/** What stands in the engine's events for a value that only an update can tell. */
const UNKNOWN = /04da6b54-80e4-46f7-96ec-b56ff0331ba9|output<string>/;
const KNOWN_LATER = "(known after up)";

/** An output's value with words for what is not known yet, at any depth. */
function known(value: unknown): unknown {
  if (typeof value === "string") return UNKNOWN.test(value) ? KNOWN_LATER : value;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, known(child)]));
}

export interface PreviewReport {
  stack: string;
  changes: RunResult["changes"];
  resources: Pick<ResourceState, "urn" | "type" | "name" | "parent" | "op" | "diff">[];
  outputs: Record<string, OutputValue>;
  providers: ProviderChoice[];
  /** Encrypted config values that a placeholder stood in for. */
  withheld: string[];
  diagnostics: Diagnostic[];
  /** The policy pack that checked the resources; undefined when none did. */
  policyPack: string | undefined;
  /** False when the state was empty and no cluster was asked. */
  againstCluster: boolean;
  milliseconds: number;
}

/** Takes from a run what is worth telling. */
export function previewReport(
  stack: string,
  result: RunResult,
  providers: ProviderChoice[],
  { againstCluster, policyPack }: Pick<PreviewReport, "againstCluster" | "policyPack">,
): PreviewReport {
  return {
    stack,
    changes: result.changes,
    resources: [...result.operation.resources.values()].map(({ urn, type, name, parent, op, diff }) => ({
      urn,
      type,
      name,
      parent,
      op,
      diff,
    })),
    outputs: Object.fromEntries(
      Object.entries(result.outputs).map(([name, { value, secret }]) => [
        name,
        { value: known(value), secret },
      ]),
    ),
    providers: usedProviders(providers, result.operation),
    withheld: result.withheld,
    diagnostics: result.diagnostics,
    policyPack,
    againstCluster,
    milliseconds: result.milliseconds,
  };
}

/** Lays a preview out for a terminal of `width` columns. */
export function renderPreview(
  report: PreviewReport,
  operation: RunResult["operation"],
  colours: Screen["colours"],
  width: number,
): string[] {
  const { stack, outputs, diagnostics, withheld, againstCluster } = report;
  const tree = resourceTree(operation, colours, againstCluster);
  const lines = [
    colours.bold(`stack ${stack}: ${plannedText(report.changes)}`),
    ...(tree.length === 0 ? ["  nothing changes"] : tree),
  ];
  const shownOutputs = Object.entries(outputs);
  if (shownOutputs.length > 0) {
    lines.push("", colours.bold("Outputs"));
    lines.push(...table(shownOutputs.map(([name, output]) => [name, cut(outputText(output), width - 30)])));
  }
  if (diagnostics.length > 0) {
    lines.push("", colours.bold("Remarks"), ...diagnostics.flatMap((each) => remark(each, colours)));
  }
  lines.push("", ...notes(report).map((line) => colours.dim(line)));
  if (withheld.length > 0) {
    lines.push(
      colours.dim(`Encrypted values are not needed here; a placeholder stood in for: ${withheld.join(", ")}`),
    );
  }
  return lines;
}

function remark({ severity, urn, message }: Diagnostic, colours: Screen["colours"]): string[] {
  const about = urn === "" ? "" : ` ${shortType(typeOf(urn))} ${nameOf(urn)}`;
  return [`  ${colours.yellow(severity)}${about}`, ...message.split("\n").map((line) => `    ${line}`)];
}

function notes(report: PreviewReport): string[] {
  const checked = report.policyPack ? [checkedBy(report.policyPack, report.diagnostics)] : [];
  return [...checked, ...compared(report)];
}

function checkedBy(policyPack: string, diagnostics: Diagnostic[]): string {
  const found = diagnostics.filter(({ severity }) => severity === "policy" || severity === "advice").length;
  const words = found === 0 ? "nothing to say" : `${found} remarks above`;
  return `Checked by the policies in ${shown(policyPack)}: ${words}.`;
}

function compared({ againstCluster, providers, milliseconds }: PreviewReport): string[] {
  const standIns = providers.filter(({ kind }) => kind === "stand-in").map(({ name }) => name);
  const served = standIns.length === 0 ? "" : ` Stand-ins served ${standIns.join(", ")}.`;
  return againstCluster
    ? [`Compared with what the embedded control plane has, in ${duration(milliseconds)}.${served}`]
    : [
        `What a first \`up\` makes, on an empty state, in ${duration(milliseconds)}: no cluster and no cloud was asked.${served}`,
      ];
}
