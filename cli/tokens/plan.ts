import type { Command } from "commander";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import { count, table } from "../../embedded/local/terminal/table.ts";
import type { Call, Cli } from "../cli.ts";
import type { Deployed } from "../deployed.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { formatDuration, parseDuration, parseTime, secondsOf, stamp } from "../time.ts";
import { isLate } from "./due.ts";
import { raiseGeneration } from "./overview.ts";
import { type PlannedRotation, rotationPlan } from "./rotation-plan.ts";
import { calendarAt, hasDeclaredKey, type Schedule, schedule } from "./schedule.ts";
import { generationWords } from "./words.ts";

interface Options {
  at?: Date;
  for?: number;
  expectNoneByHand?: boolean;
}

/** What of the plan an update should have done already. */
type Event = PlannedRotation & { overdue: boolean };

/** Adds `plan`. */
export function addPlan(parent: Command, cli: Cli): void {
  parent
    .command("plan")
    .description("what rotates until a date, provided that updates run; a year ahead unless told")
    .option("--at <date>", "until this date", parseTime)
    .option("--for <span>", "for so long from now, such as 30d", parseDuration)
    .option("--expect-none-by-hand", "exit 4 if a token has to be made anew by hand by then")
    .action(
      cli.action<Options>(async (call) => {
        const { at, for: span, expectNoneByHand } = call.options;
        if (at && span !== undefined) throw new CliError(EXIT.usage, "give --at or --for, and not both");
        const now = seconds(call.world.now);
        const until = at ? seconds(at) : now + (span ?? parseDuration("1y"));
        if (until < now) throw new CliError(EXIT.usage, `${stamp(until)} is past`, "a plan looks ahead");
        const stack = await call.open();
        const deployed = await stack.deployed();
        refuseNewKey(stack, deployed);
        const known = schedule(stack.config, deployed);
        const events = [
          ...overdue(known, deployed, call.world.now),
          ...rotationPlan(known.config, known.moments, { after: now, until }).map((event) => ({
            ...event,
            overdue: false,
          })),
        ];
        for (const name of Object.keys(stack.config.tokens.root)) {
          if (!known.moments.roots[name]) {
            call.say.print(`${name} is left out: its declared generation is not minted yet`);
          }
        }
        call.print(events.map(plain), () => lines(call, events, until));
        const byHand = events.some(({ kind }) => kind === "root");
        return expectNoneByHand && byHand ? EXIT.refused : EXIT.done;
      }),
    );
}

/** Under a new key, generations are counted anew, from a time that nobody knows yet. */
function refuseNewKey({ config, name }: OpenedStack, { tokens }: Deployed): void {
  if (Object.entries(tokens).every(([token, published]) => hasDeclaredKey(config, token, published))) return;
  throw new CliError(
    EXIT.refused,
    `attic:tokens.signingKey.generation is ${config.tokens.signingKey.generation}, and that key is not made yet`,
    `the next update of stack ${name} makes every token anew, and the plan begins with it`,
  );
}

/** What should have happened by now, each token once, and root tokens that are past due. */
function overdue(known: Schedule, { tokens }: Deployed, now: Date): Event[] {
  return [...calendarAt(known, now).values()].flatMap((entry): Event[] => {
    const { kind, name, current } = entry;
    const published = tokens[name];
    if (!published) return [];
    const from = { number: published.generation, issue: published.issue };
    const oldValidUntil = secondsOf(published.expires);
    const late = { name, kind, from, oldValidUntil, overdue: true };
    if (kind === "root") return current.rotates > seconds(now) ? [] : [{ ...late, at: current.rotates }];
    if (current.number > published.generation) return [{ ...late, at: current.issued, to: current }];
    return isLate(entry, published, now) ? [{ ...late, at: secondsOf(published.rotates), to: current }] : [];
  });
}

const numbered = ({ number, issue }: PlannedRotation["from"]) => ({ generation: number, issue });

/** An event as JSON; times are ISO 8601. */
function plain({ at, name, kind, from, to, oldValidUntil, overdue }: Event) {
  return {
    at: iso(at),
    token: name,
    kind,
    from: numbered(from),
    to: to ? numbered(to) : null,
    oldValidUntil: iso(oldValidUntil),
    byHand: kind === "root",
    overdue,
  };
}

function lines({ out, world }: Call, events: Event[], until: Seconds): string[] {
  const { dim, yellow } = out.colours;
  const span = formatDuration(until - seconds(world.now));
  if (events.length === 0) return [`nothing rotates until ${stamp(until)}, in ${span}`];
  const rows = events.map(({ at, name, from, to, oldValidUntil, overdue }) => [
    stamp(at),
    name,
    to ? `${generationWords(numbered(from))} → ${generationWords(numbered(to))}` : "by hand",
    stamp(oldValidUntil),
    [
      ...(overdue ? [yellow("overdue")] : []),
      ...(to ? [] : [raiseGeneration(name, from.number)]),
      ...(overdue && to ? ["run the update"] : []),
    ].join(": "),
  ]);
  return [
    ...table(
      [["WHEN", "TOKEN", "GENERATION", "OLD ONE VALID UNTIL", ""].map((head) => dim(head)), ...rows],
      0,
    ),
    `${count(events.length, "event")} until ${stamp(until)}`,
  ];
}
