import type { Command } from "commander";
import { cacheName } from "../../config/cache-names.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { count, table } from "../../embedded/local/terminal/table.ts";
import { AtticApiError } from "../attic-api/index.ts";
import type { Call, Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { apply, type CacheResult, planned, unread } from "./apply.ts";
import { confirmDestruction } from "./confirm.ts";
import { chosenNames, type DeclaredCache, declaredCaches } from "./declared.ts";
import { type CachePlan, planCache, planDestruction } from "./plan.ts";
import { type Found, readCaches } from "./read.ts";
import { runningServer, type ServerOptions, serverOptions } from "./server.ts";
import { readingGrants, writingGrants } from "./token.ts";
import { actionWords, resultJson, resultLines } from "./words.ts";

interface Options extends ServerOptions {
  check?: boolean;
  dryRun?: boolean;
  rekey?: boolean;
  destroy?: string[];
  yes?: boolean;
}

/** Adds `sync`. */
export function addSync(parent: Command, cli: Cli): void {
  const command = parent
    .command("sync")
    .description(
      "make the caches of the running server what the stack declares; a second run changes nothing",
    )
    .argument("[cache...]", "the caches to look after (default: all that are declared)")
    .option("--check", "change nothing; exit with 4 when something differs")
    .option("--dry-run", "change nothing; tell what would be done")
    .option(
      "--rekey",
      "change keys that differ, too: clients that trust the old key alone refuse everything then",
    )
    .option("--destroy <cache>", "destroy a cache that is not declared; may be given again", collect)
    .option("--yes", "destroy without asking");
  for (const option of serverOptions()) command.addOption(option);
  command.action(
    cli.action<Options, [string[]]>(async (call, names) => {
      const results = await sync(call, names);
      return exitCode(call.options, results);
    }),
  );
}

const collect = (name: string, before: string[] = []) => [...before, name];

async function sync(call: Call<Options>, only: string[]): Promise<CacheResult[]> {
  const { options } = call;
  if (options.check && options.dryRun) throw new CliError(EXIT.usage, "give --check or --dry-run, not both");
  const stack = await call.open();
  const names = chosenNames(stack.config, only);
  const doomed = undeclared(stack.config, options.destroy ?? []);
  const declared = declaredCaches(stack.name, stack.config, await stack.deployed(), names);
  const server = await runningServer(call, stack);

  const all = [...names, ...doomed];
  const found = await readCaches(await server.api(readingGrants(all)), all);
  const { plans, failures } = planAll(declared, doomed, found, options.rekey ?? false);
  let results = plans.map(planned);
  if (!options.check && !options.dryRun && plans.some(({ writes }) => writes.length > 0)) {
    const destroyed = plans.filter(({ action }) => action === "destroy").map(({ name }) => name);
    if (destroyed.length > 0 && !options.yes) {
      if (!options.json) call.say.print(...lines(call, [...results, ...failures]));
      await confirmDestruction(call, destroyed);
    }
    results = [];
    // A token each: the destruction of a large cache takes as long as one is valid.
    for (const plan of plans) results.push(await apply(await server.api(writingGrants(plan)), plan));
  }
  report(call, stack.name, server.endpoint, [...results, ...failures]);
  return [...results, ...failures];
}

/** Names of caches to destroy. What is declared is never destroyed, as the next run would only make it anew. */
function undeclared(config: StackConfig, names: readonly string[]): string[] {
  for (const name of names) {
    if (!cacheName.test(name)) throw new CliError(EXIT.usage, `--destroy ${name}: that is no cache's name`);
    if (Object.hasOwn(config.caches, name)) {
      throw new CliError(
        EXIT.refused,
        `attic:caches declares ${name}, so it is not destroyed`,
        "take it out of the stack's file first",
      );
    }
  }
  return [...new Set(names)];
}

function planAll(
  declared: readonly DeclaredCache[],
  doomed: readonly string[],
  found: ReadonlyMap<string, Found>,
  rekey: boolean,
): { plans: CachePlan[]; failures: CacheResult[] } {
  const plans: CachePlan[] = [];
  const failures: CacheResult[] = [];
  for (const cache of declared) {
    const there = found.get(cache.name);
    if (there instanceof AtticApiError) failures.push(unread(cache.name, true, there));
    else plans.push(planCache(cache, there, rekey));
  }
  for (const name of doomed) {
    const there = found.get(name);
    if (there instanceof AtticApiError) failures.push(unread(name, false, there));
    else plans.push(planDestruction(name, there));
  }
  return { plans, failures };
}

/** Whether the cache is not, or may not be, as it is declared. */
const differs = ({ keyLeft, outcome }: CacheResult) =>
  keyLeft || outcome === "planned" || outcome === "failed";

function exitCode({ check, dryRun }: Options, results: readonly CacheResult[]): number {
  if (results.some(({ outcome }) => outcome === "failed")) return EXIT.failed;
  if (dryRun && !check) return EXIT.done;
  return results.some(differs) ? EXIT.refused : EXIT.done;
}

function report(call: Call<Options>, stack: string, endpoint: string, results: CacheResult[]): void {
  const inSync = !results.some(differs);
  call.print({ stack, endpoint, inSync, caches: results.map(resultJson) }, () => [
    ...lines(call, results),
    summary(call.options, results),
  ]);
}

function lines({ out }: Call<Options>, results: readonly CacheResult[]): string[] {
  const { green, yellow, red } = out.colours;
  const paint = { unchanged: String, planned: yellow, done: green, failed: red };
  const rows = results.flatMap((result) => {
    const word = result.keyLeft ? yellow : paint[result.outcome];
    const [first = "", ...more] = resultLines(result);
    return [[result.name, word(actionWords(result)), first], ...more.map((line) => ["", "", line])];
  });
  return table(rows, 0);
}

function summary({ check, dryRun }: Options, results: readonly CacheResult[]): string {
  if (results.length === 0) return "the stack declares no caches";
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const different = results.filter(differs).length - failed;
  if (failed + different === 0) return "the server's caches are as the stack declares them";
  const of = (number: number) => `${number} of ${count(results.length, "cache")}`;
  return [
    ...(different > 0
      ? [`${of(different)} ${different === 1 ? "is" : "are"} not as the stack declares`]
      : []),
    ...(failed > 0 ? [`${of(failed)} failed`] : []),
    ...(check || dryRun ? ["nothing was changed"] : []),
  ].join("; ");
}
