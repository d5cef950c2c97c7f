import type { Command } from "commander";
import { nearest } from "../../config/errors.ts";
import { table } from "../../embedded/local/terminal/table.ts";
import type { Call, Cli } from "../cli.ts";
import type { Deployed } from "../deployed.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { apiOption, connectGitLab, gitLabWords } from "../gitlab-api/connect.ts";
import { type GitLabApi, GitLabApiError } from "../gitlab-api/index.ts";
import type { OpenedStack } from "../stack.ts";
import { parseDuration } from "../time.ts";
import {
  type Outcome,
  objection,
  ownerWords,
  type Publication,
  type PublishOptions,
  publications,
  publish,
  wanted,
} from "./publication.ts";

interface Options extends PublishOptions {
  expectNoChanges?: boolean;
  api?: string;
  failIfExpiringWithin?: number;
}

/** Adds `publish`. */
export function addPublish(parent: Command, cli: Cli): void {
  parent
    .command("publish [names...]")
    .description("set the GitLab variables that the stack declares to its tokens; all of them unless named")
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--expect-no-changes", "with --dry-run: exit 4 if anything would be done")
    .option("--take-over", "set variables that another stack has set, too")
    .option(...apiOption)
    .option("--fail-if-expiring-within <span>", "refuse tokens that expire sooner, such as 7d", parseDuration)
    .addHelpText(
      "after",
      "\nThe credential is $GITLAB_TOKEN, of a maintainer with the scope `api`; else $CI_JOB_TOKEN, which GitLab mostly refuses here.",
    )
    .action(
      cli.action<Options, [string[]]>(async (call, names) => {
        const stack = await call.open();
        const chosen = choose(stack, names);
        const outcomes = await publishAll(call, stack, undefined, chosen);
        call.print(outcomes, () => outcomeLines(call, outcomes, stack.name));
        return exitCode(outcomes, call.options);
      }),
    );
}

/**
 * Publishes tokens, each whatever became of the others.
 * @param deployed what the last update left behind; asked for unless given
 * @param chosen all that are declared unless given
 * @throws CliError without a credential for GitLab
 */
export async function publishAll(
  call: Call<Options>,
  stack: OpenedStack,
  deployed?: Deployed,
  chosen: readonly Publication[] = publications(stack.config),
): Promise<Outcome[]> {
  if (chosen.length === 0) return [];
  const api = connectGitLab(call.world, call.options);
  const known = deployed ?? (await stack.deployed());
  const outcomes: Outcome[] = [];
  for (const each of chosen) outcomes.push(await publishOne(call, api, stack, known, each));
  return outcomes;
}

async function publishOne(
  { world, options }: Call<Options>,
  api: GitLabApi,
  { config, name: stack }: OpenedStack,
  { tokens }: Deployed,
  publication: Publication,
): Promise<Outcome> {
  const { token: name, gitlab } = publication;
  const { variable, environmentScope } = gitlab;
  const outcome = { token: name, owner: ownerWords(gitlab), variable, environmentScope };
  const token = tokens[name];
  const why = objection(config, token, world.now, options.failIfExpiringWithin ?? 0);
  if (why || !token) return { ...outcome, action: "refused", why };
  try {
    const desired = wanted(stack, publication, token);
    return { ...outcome, ...(await publish(api, stack, gitlab, desired, options)) };
  } catch (error) {
    if (!(error instanceof GitLabApiError)) throw error;
    return {
      ...outcome,
      action: "failed",
      // It quotes no value today.
      why: gitLabWords(error).replaceAll(token.secret, "[the token]"),
    };
  }
}

/**
 * The publications that the arguments name, else all.
 * @throws CliError for a name without one
 */
function choose({ config, name: stack }: OpenedStack, names: readonly string[]): Publication[] {
  const all = publications(config);
  const known = all.map(({ token }) => token);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, known);
    throw new CliError(
      EXIT.notFound,
      `stack ${stack} declares no GitLab variable for a token ${unknown}`,
      `${meant ? `did you mean ${meant}? ` : ""}those that have one: ${known.join(", ") || "none"}`,
    );
  }
  return names.length === 0 ? all : all.filter(({ token }) => names.includes(token));
}

/** What became of every variable, a line each, and what helps. */
export function outcomeLines(
  { out, options, world }: Call<Options>,
  outcomes: readonly Outcome[],
  stack: string,
): string[] {
  if (outcomes.length === 0) return ["no token of the stack declares a GitLab variable"];
  const { green, yellow, red } = out.colours;
  const [create, update] = options.dryRun ? ["would create", "would update"] : ["created", "updated"];
  const verbs = { create, update, none: "is as it should be" };
  const rows = outcomes.map(({ token, owner, variable, environmentScope, action, changed, why }) => [
    action === "failed" || action === "refused" ? red(action) : green(verbs[action]),
    `${variable}${environmentScope === "*" ? "" : ` in ${environmentScope}`}`,
    owner,
    token,
    why ?? changed?.join(", ") ?? "",
  ]);
  const late = outcomes.some(({ action, setBy }) => action === "refused" && !setBy);
  const others = outcomes.flatMap(({ token, setBy }) => (setBy ? [token] : []));
  const denied = outcomes.some(({ action, why }) => action === "failed" && /^40[134] /.test(why ?? ""));
  const job = !world.env.GITLAB_TOKEN;
  return [
    ...table(rows, 0),
    ...(late ? [yellow(`what was refused is made anew by: ${bringUp(stack)}`)] : []),
    ...(others.length > 0
      ? [
          yellow(
            "a variable has one stack's token: declare another one for this stack, or take that one over by:",
          ),
          yellow(`atticctl tokens publish --stack ${stack} --take-over ${others.join(" ")}`),
        ]
      : []),
    ...(denied && job ? [yellow("a job's own token may set no variables: set GITLAB_TOKEN")] : []),
  ];
}

/** What a command ends with that published. */
export function exitCode(outcomes: readonly Outcome[], { dryRun, expectNoChanges }: Options): number {
  const any = (...actions: Outcome["action"][]) => outcomes.some(({ action }) => actions.includes(action));
  if (any("failed")) return EXIT.failed;
  if (any("refused")) return EXIT.refused;
  return dryRun && expectNoChanges && any("create", "update") ? EXIT.refused : EXIT.done;
}
