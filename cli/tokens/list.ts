import type { Command } from "commander";
import { names } from "../../components/attic/names.ts";
import { type Seconds, seconds } from "../../components/tokens/rotation.ts";
import { table } from "../../embedded/local/terminal/table.ts";
import type { Call, Cli } from "../cli.ts";
import { dateOf, fromNow, parseTime, secondsOf } from "../time.ts";
import { overview, type TokenRow } from "./overview.ts";
import { type RevokedEntry, revocations } from "./revocations.ts";
import { generationWords, grantWords, tokenWords } from "./words.ts";

interface Options {
  revoked?: boolean;
  at?: Date;
}

/** Adds `list`. */
export function addList(parent: Command, cli: Cli): void {
  parent
    .command("list")
    .description("the stack's tokens: what each allows, when it expires and rotates, where it is published")
    .option("--revoked", "the revocations, and which of them may be removed from the file")
    .option("--at <date>", "as it is at another time, without an update until then", parseTime)
    .action(
      cli.action<Options>(async (call) => {
        const stack = await call.open();
        const deployed = await stack.deployed();
        const now = call.options.at ?? call.world.now;
        if (call.options.revoked) {
          const entries = revocations(stack.config, deployed, now);
          call.print(entries, () => revokedLines(call, entries, seconds(now)));
        } else {
          const rows = overview(stack.config, deployed, now);
          call.print(rows, () => lines(call, rows, seconds(now)));
        }
      }),
    );
}

function lines({ out }: Call, rows: TokenRow[], now: Seconds): string[] {
  const { dim, yellow } = out.colours;
  if (rows.length === 0) return ["the stack declares no tokens"];
  const heads = ["TOKEN", "KIND", "GEN", "ALLOWS", "EXPIRES", "ROTATES", "PUBLISHED"].map((head) =>
    dim(head),
  );
  const cells = rows.map((row) => [
    row.name,
    row.kind,
    row.deployed ? generationWords(row.deployed) : "-",
    grantWords(row.caches),
    row.deployed ? when(row.deployed.expires, now) : "-",
    row.deployed ? rotation(row, now) : "-",
    places(row),
  ]);
  return [
    ...table([heads, ...cells], 0),
    ...rows.flatMap(({ name, notes }) => notes.map((note) => `${yellow("!")} ${name}: ${note}`)),
  ];
}

const when = (time: string, now: Seconds) => `${fromNow(secondsOf(time), now)} (${dateOf(secondsOf(time))})`;

function rotation({ deployed, byHand }: TokenRow, now: Seconds): string {
  const rotates = deployed?.rotates as string;
  return byHand ? `by hand until ${dateOf(secondsOf(rotates))}` : when(rotates, now);
}

function places({ inCluster, gitlab }: TokenRow): string {
  const owner = gitlab && (gitlab.project ? `project ${gitlab.project}` : `group ${gitlab.group}`);
  const scope = gitlab && gitlab.environmentScope !== "*" ? ` in ${gitlab.environmentScope}` : "";
  const all = [
    ...(inCluster ? [`Secret ${names.tokens}`] : []),
    ...(gitlab ? [`GitLab ${owner}: ${gitlab.variable}${scope}`] : []),
  ];
  return all.join(", ") || "outputs alone";
}

function revokedLines({ out }: Call, entries: RevokedEntry[], now: Seconds): string[] {
  const { dim, green } = out.colours;
  if (entries.length === 0) return ["nothing is revoked"];
  const heads = ["TOKEN", "ENDS", "MAY GO", "BECAUSE", "REASON"].map((head) => dim(head));
  return table(
    [
      heads,
      ...entries.map(({ token, generation = 0, issue, fragment, ends, removable, why, reason }) => [
        token ? tokenWords({ name: token, generation, issue }) : `…${fragment?.slice(-12)}`,
        ends ? when(ends, now) : "unknown",
        removable ? green("yes") : "no",
        why,
        reason,
      ]),
    ],
    0,
  );
}
