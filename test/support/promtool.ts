import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { prometheusBinary } from "../../embedded/prometheus/binary.ts";
import { renderProgress } from "../../embedded/toolchain/index.ts";
import { type CommandResult, run } from "./control-plane.ts";

/** A group of rules as Prometheus reads it: one of a PrometheusRule's `spec.groups`. */
export interface PlainGroup {
  name: string;
  interval?: string;
  rules: PlainRule[];
}

/** A recording rule or an alert as Prometheus reads it. */
export interface PlainRule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** One test of `promtool test rules`. */
export interface RuleTest {
  /** Unique among those that run together. */
  name: string;
  /** In the order in which they are evaluated. Their own intervals do not count. */
  groups: PlainGroup[];
  /** How far apart two samples are, and two evaluations. Samples are at zero, one interval, two of them… */
  interval: string;
  /** When the first sample is taken. */
  start: string;
  /** Values by series, in promtool's notation: `{"up{job=\"a\"}": "1x10 0x5"}`. */
  series: Record<string, string>;
  /** What fires at certain times after the first sample. */
  alerts: { after: string; alert: string; fires: FiringAlert[] }[];
}

/** An alert that fires, with everything that it carries. */
export interface FiringAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Builds the real promtool if need be. */
export async function promtool(): Promise<string> {
  const { listener, end } = renderProgress();
  return prometheusBinary("promtool", listener).finally(end);
}

/** `promtool check rules` with every lint; a lint is an error. */
export function checkRules(groups: readonly PlainGroup[]): Promise<CommandResult> {
  return inDirectory(async (directory) => {
    const file = join(directory, "rules.yaml");
    await writeFile(file, stringify({ groups }));
    return run(await promtool(), ["check", "rules", "--lint=all", "--lint-fatal", file]);
  });
}

/**
 * `promtool test rules`, all in one call.
 * @returns what went wrong, by the test's name; nothing for a test that holds
 * @throws Error when promtool did not run every test to its end
 */
export function testRules(tests: readonly RuleTest[]): Promise<Map<string, string[]>> {
  return inDirectory(async (directory) => {
    const files = await Promise.all(tests.map((test, index) => writeTest(test, join(directory, `${index}`))));
    const report = join(directory, "report.xml");
    const { code, stdout, stderr } = await run(await promtool(), [
      "test",
      `--junit=${report}`,
      "rules",
      ...files,
    ]);
    const results = readReport(await readFile(report, "utf8").catch(() => ""));
    const missing = tests.filter(({ name }) => !results.has(name));
    const failed = [...results.values()].some((failures) => failures.length > 0);
    if (missing.length > 0 || failed !== (code !== 0))
      throw new Error(`promtool ended with ${code}:\n${stdout}${stderr}`);
    return results;
  });
}

async function writeTest(
  { name, groups, interval, start, series, alerts }: RuleTest,
  path: string,
): Promise<string> {
  await writeFile(`${path}.rules.yaml`, stringify({ groups }));
  const test = {
    rule_files: [`${path}.rules.yaml`],
    evaluation_interval: interval,
    // Without an order, groups of one time are evaluated in any.
    group_eval_order: groups.map((group) => group.name),
    tests: [
      {
        name,
        interval,
        start_timestamp: start,
        input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
        alert_rule_test: alerts.map(({ after, alert, fires }) => ({
          eval_time: after,
          alertname: alert,
          exp_alerts: fires.map(({ labels, annotations }) => ({
            exp_labels: labels,
            exp_annotations: annotations,
          })),
        })),
      },
    ],
  };
  await writeFile(`${path}.test.yaml`, stringify(test));
  return `${path}.test.yaml`;
}

/** Reads promtool's JUnit report, which Go's encoder writes: no comments, no CDATA, no empty-element tags. */
export function readReport(xml: string): Map<string, string[]> {
  const cases = xml.matchAll(/<testcase name="([^"]*)">(.*?)<\/testcase>/gs);
  return new Map(
    [...cases].map(([, name = "", inside = ""]) => [
      decoded(name),
      [...inside.matchAll(/<(failure|error)>(.*?)<\/\1>/gs)].map(([, , text = ""]) => decoded(text)),
    ]),
  );
}

const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));/g, (whole, decimal, hex, name) =>
    name ? (named[name] ?? whole) : String.fromCodePoint(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)),
  );
}

async function inDirectory<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "attic-promtool-"));
  try {
    return await action(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
