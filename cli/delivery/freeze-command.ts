import type { Command } from "commander";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { Call, Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { apiOption, atGitLab, connectGitLab, projectOf, projectOption } from "../gitlab-api/connect.ts";
import { parseTime, stampFromNow } from "../time.ts";
import { freezeLines, oneLine } from "./freeze.ts";
import { endedWithin, freezeIn, freezesWithin, type SeenFreeze, shortfalls } from "./freeze-scopes.ts";
import { type FreezePlace, readFreezes, removeFreeze, writeFreeze } from "./freeze-variables.ts";

interface Place {
  project?: string;
  environment: string;
  api?: string;
}

interface Options extends Place {
  reason?: string;
  contact?: string;
  until?: Date;
  show?: boolean;
}

/** Adds `freeze` and `unfreeze`. */
export function addFreeze(parent: Command, cli: Cli): void {
  const places = (command: Command) =>
    command
      .option("--environment <scope>", "of the jobs of this environment alone, such as production", "*")
      .option(...projectOption)
      .option(...apiOption)
      .addHelpText("after", "\nThe credential is $GITLAB_TOKEN, of a maintainer with the scope `api`.");
  places(
    parent
      .command("freeze")
      .description("stop deployments: sets the GitLab variables that every pipeline's gate looks at")
      .option("--reason <text>", "why; whoever is stopped reads it")
      .option("--contact <text>", "whom to ask, such as a chat channel")
      .option("--until <time>", "when it ends by itself (default: `unfreeze` ends it)", parseTime)
      .option("--show", "say whether it is frozen, and change nothing"),
  ).action(cli.action<Options>((call) => (call.options.show ? show(call) : freeze(call))));
  places(parent.command("unfreeze").description("let deployments go on: removes what `freeze` set")).action(
    cli.action<Place>(unfreeze),
  );
}

function placeOf(world: Call["world"], options: Place): FreezePlace {
  const project = projectOf(world, options.project);
  return { api: connectGitLab(world, options), project, scope: options.environment };
}

const words = ({ project, scope }: FreezePlace) =>
  `project ${project}${scope === "*" ? "" : `, environment ${scope}`}`;

async function freeze({ world, options, out, print }: Call<Options>): Promise<number> {
  const [reason, contact] = [oneLine(options.reason), oneLine(options.contact)];
  const missing = [...(reason ? [] : ["--reason"]), ...(contact ? [] : ["--contact"])];
  if (missing.length > 0) {
    throw new CliError(
      EXIT.usage,
      `a freeze needs ${missing.join(" and ")}`,
      "whoever is stopped has to know why, and whom to ask",
    );
  }
  if (options.until && options.until <= world.now) {
    throw new CliError(EXIT.usage, `the freeze would have ended ${iso(seconds(options.until))} already`);
  }
  const place = placeOf(world, options);
  const variables = {
    DEPLOYMENT_FREEZE: "true",
    FREEZE_REASON: reason,
    FREEZE_CONTACT: contact,
    FREEZE_UNTIL: options.until ? iso(seconds(options.until)) : "",
  };
  const changed = await atGitLab(`freeze ${words(place)}`, () => writeFreeze(place, variables));
  // After that, so that what is wrong with one environment leaves no other one open meanwhile.
  const { ended, short } = await reach(place, world.now);
  const { project, scope: environment } = place;
  const exceptions = short.map((each) => asJson(each));
  print({ frozen: true, project, environment, ...variables, changed, ended, exceptions }, () => [
    out.colours.yellow(
      `${words(place)}: deployments are frozen${changed.length === 0 ? ", and were so already" : ""}`,
    ),
    `  why      ${reason}`,
    `  contact  ${contact}`,
    `  until    ${untilWords(options.until, seconds(world.now))}`,
    "Jobs that start from now on are stopped; one that runs already is not.",
    ...ended.map(
      (scope) =>
        `environment ${scope}: its own freeze had ended and is removed: it would have hidden this one`,
    ),
    ...short.flatMap((each) => [
      out.colours.red(`! ${seenWords(each, seconds(world.now))}, as variables of its own go before these`),
      `  to have this hold there, too: ${unfreezing({ ...place, scope: each.scope }, options)}`,
    ]),
  ]);
  return short.length > 0 ? EXIT.refused : EXIT.done;
}

/** Sees that a freeze holds in every environment: what is left of one that has ended would keep it from their jobs. */
async function reach(place: FreezePlace, now: Date): Promise<{ ended: string[]; short: SeenFreeze[] }> {
  const read = () =>
    atGitLab(`see whether the freeze of ${words(place)} holds everywhere`, () => readFreezes(place));
  const scopes = await read();
  const ended = endedWithin(scopes, place.scope, now);
  for (const scope of ended) {
    const narrower = { ...place, scope };
    await atGitLab(`remove the freeze of ${words(narrower)} that has ended`, () => removeFreeze(narrower));
  }
  return { ended, short: shortfalls(ended.length > 0 ? await read() : scopes, place.scope, now) };
}

const untilWords = (until: Date | undefined, now: Seconds) =>
  until ? stampFromNow(seconds(until), now) : "somebody runs: atticctl unfreeze";

const seenWords = ({ scope, freeze }: SeenFreeze, now: Seconds) => {
  const until = freeze?.until ? stampFromNow(seconds(freeze.until), now) : "somebody ends it";
  return `environment ${scope}: ${freeze ? `frozen until ${until}` : "not frozen"}`;
};

const asJson = ({ scope, freeze }: SeenFreeze) => ({
  environment: scope,
  frozen: freeze !== undefined,
  until: freeze?.until?.toISOString() ?? null,
});

/** The command that ends the freeze of an environment. */
function unfreezing({ project, scope }: FreezePlace, { api }: Place): string {
  const quoted = (text: string) => (/^[\w./:-]+$/.test(text) ? text : `'${text}'`);
  const where = `--project ${quoted(project)} --environment ${quoted(scope)}`;
  return `atticctl unfreeze ${where}${api ? ` --api ${quoted(api)}` : ""}`;
}

async function unfreeze({ world, options, out, print }: Call<Place>): Promise<number> {
  const place = placeOf(world, options);
  const act = `unfreeze ${words(place)}`;
  const removed = await atGitLab(act, () => removeFreeze(place));
  const scopes = await atGitLab(act, () => readFreezes(place));
  const { project, scope: environment } = place;
  const left = freezeIn(scopes, environment, world.now);
  const within = freezesWithin(scopes, environment, world.now);
  const environments = within.map((each) => asJson(each));
  print({ frozen: left !== undefined, project, environment, changed: removed, environments }, () => [
    ...(left
      ? [
          out.colours.yellow(
            `${words(place)}: deployments are frozen still, by what is set for more than it`,
          ),
          ...freezeLines(left, seconds(world.now)),
        ]
      : [
          removed.length > 0
            ? out.colours.green(`${words(place)}: deployments are no longer frozen`)
            : `${words(place)}: deployments were not frozen`,
        ]),
    ...within.map((each) => seenWords(each, seconds(world.now))),
    "GitLab's own deploy freezes are not looked at.",
  ]);
  return EXIT.done;
}

async function show({ world, options, out, print }: Call<Options>): Promise<number> {
  const place = placeOf(world, options);
  const scopes = await atGitLab(`look at ${words(place)}`, () => readFreezes(place));
  const { project, scope: environment } = place;
  const frozen = freezeIn(scopes, environment, world.now);
  const within = freezesWithin(scopes, environment, world.now);
  const environments = within.map((each) => asJson(each));
  const own = scopes.get(environment);
  print({ frozen: frozen !== undefined, project, environment, ...own, environments }, () => [
    ...(frozen
      ? [
          out.colours.yellow(`${words(place)}: deployments are frozen`),
          ...freezeLines(frozen, seconds(world.now)),
        ]
      : [`${words(place)}: deployments are not frozen`]),
    ...within.map((each) => seenWords(each, seconds(world.now))),
  ]);
  return EXIT.done;
}
