import type { Command } from "commander";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { Call, Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { apiOption, atGitLab, connectGitLab, projectOf } from "../gitlab-api/connect.ts";
import { parseTime, stampFromNow } from "../time.ts";
import { freezeLines, freezeOf, oneLine } from "./freeze.ts";
import { type FreezePlace, readFreeze, removeFreeze, writeFreeze } from "./freeze-variables.ts";

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
      .option("--project <project>", "the GitLab project, by path or number (default: $CI_PROJECT_ID)")
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
  print({ frozen: true, project: place.project, environment: place.scope, ...variables, changed }, () => [
    out.colours.yellow(
      `${words(place)}: deployments are frozen${changed.length === 0 ? ", and were so already" : ""}`,
    ),
    `  why      ${reason}`,
    `  contact  ${contact}`,
    `  until    ${untilWords(options.until, seconds(world.now))}`,
    "Jobs that start from now on are stopped; one that runs already is not.",
  ]);
  return EXIT.done;
}

const untilWords = (until: Date | undefined, now: Seconds) =>
  until ? stampFromNow(seconds(until), now) : "somebody runs: atticctl unfreeze";

async function unfreeze({ world, options, out, print }: Call<Place>): Promise<number> {
  const place = placeOf(world, options);
  const removed = await atGitLab(`unfreeze ${words(place)}`, () => removeFreeze(place));
  print({ frozen: false, project: place.project, environment: place.scope, changed: removed }, () => [
    removed.length > 0
      ? out.colours.green(`${words(place)}: deployments are no longer frozen`)
      : `${words(place)}: deployments were not frozen`,
    "GitLab's own deploy freezes, and freezes of other environments, are not looked at.",
  ]);
  return EXIT.done;
}

async function show({ world, options, out, print }: Call<Options>): Promise<number> {
  const place = placeOf(world, options);
  const found = await atGitLab(`look at ${words(place)}`, () => readFreeze(place));
  const frozen = freezeOf({ ...found }, world.now);
  print({ frozen: frozen !== undefined, project: place.project, environment: place.scope, ...found }, () =>
    frozen
      ? [
          out.colours.yellow(`${words(place)}: deployments are frozen`),
          ...freezeLines(frozen, seconds(world.now)),
        ]
      : [`${words(place)}: deployments are not frozen`],
  );
  return EXIT.done;
}
