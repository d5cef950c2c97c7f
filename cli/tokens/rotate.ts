import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import { count } from "../../embedded/local/terminal/table.ts";
import { kindOf, stepsOf } from "../../review/steps.ts";
import type { Call } from "../cli.ts";
import { confirmChange } from "../delivery/confirm.ts";
import { updateMessage } from "../delivery/message.ts";
import { engineError, operate } from "../delivery/operate.ts";
import { sourceOf } from "../delivery/source.ts";
import { shortName } from "../delivery/stored-plan.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { endpointOf } from "../gitlab-api/connect.ts";
import type { OpenedStack } from "../stack.ts";
import { formatDuration } from "../time.ts";
import {
  type DueToken,
  dueTokens,
  expiringTokens,
  expiringWords,
  newKeyDeclared,
  notDueButMade,
} from "./due.ts";
import { assertUrgent, passFreeze } from "./frozen.ts";
import { publications } from "./publication.ts";
import { exitCode, outcomeLines, publishAll } from "./publish.ts";
import { component, ofTokens, rootMoments, tokenUrns } from "./targets.ts";

/** What `tokens rotate` is told. */
export interface RotateOptions {
  yes?: boolean;
  /** Seconds. */
  nextRun: number;
  publish?: boolean;
  api?: string;
  overrideFreeze?: string;
}

/**
 * `tokens rotate`: brings up to date what is due of the tokens, and leaves every other change that waits. Exit code 4
 * when a token ends before this runs again.
 */
export async function rotate(call: Call<RotateOptions>): Promise<number> {
  const { world, options, say, out } = call;
  const override = await passFreeze(call);
  const stack = await call.open();
  // Asked now, as it would be too late when the tokens are made anew and only their publication is missing.
  if (options.publish && publications(stack.config).length > 0) endpointOf(world, options);
  const name = shortName(stack);
  let deployed = await stack.deployed();
  if (newKeyDeclared(stack.config, deployed)) throw newKey(stack);
  const due = dueTokens(stack.config, deployed, world.now);
  if (override) assertUrgent({ config: stack.config, deployed, due }, override, call);
  const along = due.length > 0 ? notDueButMade(stack.config, deployed, world.now) : [];
  let waiting: string[] = [];
  if (due.length > 0) {
    say.print(
      ...due.map(dueWords),
      ...along.map((name) => `${name}: not due, and made with them as it is declared now`),
    );
    const steps = new Steps(say, 2);
    waiting = await whatWaits(call, stack, steps);
    await confirmChange(call, stack, `make ${count(due.length, "token")} of ${name} anew`);
    const source = sourceOf(stack.folder, stack.file, world.env);
    const what = `tokens rotate (${[...due.map((token) => token.name), ...along].join(", ")})`;
    await operate(call, stack, steps, "update", {
      action: "up",
      now: world.now,
      message: updateMessage({ what, source, env: world.env, override }),
      targets: [...(await objectsOfTokens(stack)), ...rootMoments(stack.config)],
      // What else waits is judged when it is deployed: no token may end because of it.
      policies: false,
    });
    deployed = await stack.deployed();
  }
  const expiring = expiringTokens(stack.config, deployed, world.now, options.nextRun);
  const outcomes = options.publish ? await publishAll(call, stack, deployed) : undefined;
  call.print({ stack: name, rotated: due, along, waiting, expiring, published: outcomes ?? null }, () => [
    due.length === 0
      ? `no token of stack ${name} is due`
      : `${count(due.length, "token")} of stack ${name} made anew`,
    ...(along.length > 0 ? [`made with them, as declared: ${along.join(", ")}`] : []),
    ...waiting.map((what) => `waits to be deployed: ${what}`),
    ...(outcomes ? outcomeLines(call, outcomes, stack.name) : []),
    ...expiring.map((token) => out.colours.red(expiringWords(token, world.now))),
    ...(expiring.length > 0
      ? [`this runs again in ${formatDuration(options.nextRun)}: see to it before`]
      : []),
  ]);
  if (expiring.length > 0) return EXIT.refused;
  return outcomes ? exitCode(outcomes, {}) : EXIT.done;
}

const reasons: Readonly<Record<DueToken["reason"], (token: DueToken) => string>> = {
  rotation: ({ from, to }) => `generation ${from} → ${to}`,
  revoked: ({ from, to }) =>
    `generation ${from} is revoked, ${to} takes its place; deploy, so that the ingress refuses it`,
  "calendar changed": ({ from, to }) =>
    `generation ${from} is due; ${to} of the calendar that is declared now takes its place, and ends later`,
  "previous ended": ({ to }) => `the generation before ${to} has ended and is taken out`,
};

const dueWords = (token: DueToken) => `${token.name}: ${reasons[token.reason](token)}`;

/**
 * The changes that are declared beside the tokens, and are left alone. One that cannot even be previewed is a
 * deployment's trouble.
 */
async function whatWaits(call: Call<RotateOptions>, stack: OpenedStack, steps: Steps): Promise<string[]> {
  const events: EngineEvent[] = [];
  try {
    await operate(call, stack, steps, "preview", {
      action: "preview",
      now: call.world.now,
      policies: false,
      onEvent: (_, event) => events.push(event),
    });
  } catch (error) {
    if (!engineError(error, "resources")) throw error;
    return [`something that cannot be previewed: ${(error as CliError).message}`];
  }
  return stepsOf(events)
    .filter(({ change, urn }) => change !== "keep" && !ofTokens(urn))
    .map((step) => `${kindOf(step)} ${step.name}`);
}

/** The resources of the component Tokens, and itself: with none, the engine would update all there is. */
async function objectsOfTokens(stack: OpenedStack): Promise<string[]> {
  const urns = tokenUrns(await (await stack.deployment()).resources());
  if (urns.length > 0) return urns;
  throw new CliError(
    EXIT.notFound,
    `the state of stack ${stack.name} has no ${component}`,
    "atticctl deploy",
  );
}

const newKey = ({ config, name }: OpenedStack) =>
  new CliError(
    EXIT.refused,
    `attic:tokens.signingKey.generation is ${config.tokens.signingKey.generation}, and that key is not made yet`,
    `the next deployment of stack ${name} makes every token anew; until then none rotates`,
  );
