import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import { cut, pad } from "../../embedded/local/terminal/table.ts";
import { serverOptions } from "../caches/server.ts";
import type { Call, Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { defaultDays } from "../status/command.ts";
import { headline, problem, sign } from "../status/screen.ts";
import { wrap } from "../status/wrap.ts";
import { parseDuration } from "../time.ts";
import { verifyStack } from "./index.ts";
import { junit } from "./junit.ts";
import type { Skip, VerifyResult } from "./result.ts";
import { parseSkip } from "./skip.ts";

interface Options {
  wait?: number;
  skip?: Skip[];
  minimumDays: number;
  report?: string;
  junit?: string;
  endpoint?: string;
  host?: string;
  prometheus?: string;
}

/** Adds `verify`. */
export function addVerify(parent: Command, cli: Cli): void {
  const verify = parent
    .command("verify")
    .description("that the stack is what it declares, and serves; exit 4 when a check fails")
    .option(
      "--wait <span>",
      "look again until every check passes, so long at most, such as 5m",
      parseDuration,
    )
    .option("--skip <check=reason>", "leave a check out, and say why; may be given again", parseSkip)
    .option("--report <file>", "write the result as JSON")
    .option("--junit <file>", "write it as JUnit's XML, for GitLab's test reports")
    .option(
      "--prometheus <url>",
      "whom to ask about rules (default: $PROMETHEUS_URL, else one in the cluster)",
    )
    .addOption(
      new Option("--minimum-days <n>", "how long the certificate and the tokens must be good yet")
        .argParser(days)
        .default(defaultDays),
    );
  for (const option of serverOptions()) verify.addOption(option);
  verify.action(
    cli.action<Options>(async (call) => {
      const result = await verifyStack(call, { ...call.options, onLook: progress(call) });
      call.say.paint([]);
      write(call, call.options.report, () => `${JSON.stringify(result, null, 2)}\n`);
      write(call, call.options.junit, () => junit(result));
      call.print(result, () => resultLines(result, call.out));
      return result.ok ? EXIT.done : EXIT.refused;
    }),
  );
}

/** Every check on a line, and what is wrong below. */
export function resultLines(
  result: VerifyResult,
  { colours, width }: Pick<Call["out"], "colours" | "width">,
): string[] {
  const { stack, checks, image, namespace, cluster, looks } = result;
  const wrong = checks.filter(({ outcome }) => outcome === "failed");
  const widest = Math.max(...checks.map(({ id }) => id.length));
  const verdict = result.ok ? colours.green("verified") : colours.red(headline(wrong.length));
  const marks = { passed: "well", failed: "wrong", skipped: "unjudged" } as const;
  return [
    `${colours.bold(`stack ${stack}`)}  ${verdict}`,
    colours.dim(cut(`${namespace} in ${cluster}, looked ${looks === 1 ? "once" : `${looks} times`}`, width)),
    colours.dim(cut(image, width)),
    "",
    ...checks.flatMap(({ id, outcome, found }) => {
      const text = outcome === "skipped" ? `skipped: ${found}` : found;
      const [first = "", ...more] = wrap(`${pad(id, widest)}  ${text}`, width - 2, " ".repeat(widest + 2));
      const paint = outcome === "skipped" ? colours.dim : String;
      return [`${sign(marks[outcome], colours)} ${paint(first)}`, ...more.map((line) => `  ${paint(line)}`)];
    }),
    ...(wrong.length > 0 ? [""] : []),
    ...wrong.flatMap((check) => problem(check, colours, width)),
  ];
}

/** Tells what is waited for: painted over on a terminal, and elsewhere once for each change. */
function progress({ say, options, world }: Call<Options>): (result: VerifyResult) => void {
  let before = "";
  return ({ ok, checks }) => {
    const wrong = checks.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
    if (ok || !options.wait) return;
    const line = `not yet: ${wrong.join(", ")}`;
    if (say.live) say.paint([`${Math.round(world.elapsed() / 1000)} s  ${line}`]);
    else if (line !== before) say.print(line);
    before = line;
  };
}

function write({ world }: Call, file: string | undefined, text: () => string): void {
  if (file === undefined) return;
  const path = resolve(world.cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text());
  } catch (error) {
    throw new CliError(EXIT.failed, `${file} cannot be written: ${(error as Error).message}`);
  }
}

function days(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `--minimum-days ${text}: not a number of days`, "such as --minimum-days 14");
}
