import type { Command } from "commander";
import { table } from "../../embedded/local/terminal/table.ts";
import { AtticApiError } from "../attic-api/index.ts";
import type { Call, Cli } from "../cli.ts";
import { chosenNames, type DeclaredCache, declaredCaches } from "./declared.ts";
import { type Difference, differences } from "./plan.ts";
import { type Found, readCaches } from "./read.ts";
import { runningServer, type ServerOptions, serverOptions } from "./server.ts";
import { readingGrants } from "./token.ts";
import { differenceWords, errorJson, errorLines } from "./words.ts";

/** Milliseconds that a server has to answer; the list tells what is declared without it, too. */
const patience = 10_000;

/** A declared cache, and what the server has of it. */
interface Row {
  name: string;
  url: string;
  publicKey: string;
  public: boolean;
  server: "as declared" | "different" | "absent" | "unknown";
  differences: Difference[];
  error?: AtticApiError;
}

/** Adds `list`. */
export function addList(parent: Command, cli: Cli): void {
  const command = parent
    .command("list")
    .description(
      "the caches that the stack declares: where they are, what to trust, and whether the server has them so",
    );
  for (const option of serverOptions()) command.addOption(option);
  command.action(
    cli.action<ServerOptions>(async (call) => {
      const stack = await call.open();
      const names = chosenNames(stack.config);
      const declared = declaredCaches(stack.name, stack.config, await stack.deployed(), names);
      const server = await runningServer(call, stack);
      const api = await server.api(readingGrants(names), patience);
      const found = await readCaches(api, names);
      const rows = declared.map((cache) => rowOf(cache, found.get(cache.name)));
      const json = rows.map(({ error, ...row }) => ({ ...row, ...(error && { error: errorJson(error) }) }));
      call.print({ stack: stack.name, endpoint: server.endpoint, caches: json }, () => lines(call, rows));
    }),
  );
}

function rowOf(cache: DeclaredCache, found: Found): Row {
  const { name, url, settings } = cache;
  const row = { name, url, publicKey: settings.publicKey, public: settings.public, differences: [] };
  if (found === undefined) return { ...row, server: "absent" };
  if (found instanceof AtticApiError) return { ...row, server: "unknown", error: found };
  const differ = differences(cache, found);
  return { ...row, server: differ.length > 0 ? "different" : "as declared", differences: differ };
}

function lines({ out }: Call, rows: readonly Row[]): string[] {
  const { dim, yellow } = out.colours;
  if (rows.length === 0) return ["the stack declares no caches"];
  const heads = ["CACHE", "PULLED BY", "ON THE SERVER", "URL", "PUBLIC KEY"].map((head) => dim(head));
  const cells = rows.map((row) => [
    row.name,
    row.public ? "everybody" : "tokens",
    row.server,
    row.url,
    row.publicKey,
  ]);
  // Where the server cannot be reached, each cache would say so in the same words.
  const errors = new Set(rows.flatMap(({ error }) => (error ? errorLines(error).slice(1) : [])));
  return [
    ...table([heads, ...cells], 0),
    ...rows.flatMap(({ name, differences }) =>
      differences.map((difference) => `${yellow("!")} ${name}: ${differenceWords(difference)}`),
    ),
    ...rows.flatMap(({ error }) => (error ? [`${yellow("!")} ${error.message}`] : [])),
    ...errors,
  ];
}
