import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { loadStackConfig } from "../../config/load.ts";
import { parseStackFile } from "../../config/stack-file.ts";
import { Steps } from "../../embedded/local/terminal/steps.ts";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { OpenedStack } from "../stack.ts";
import { replaceText } from "../yaml-edit/replace-text.ts";
import { assertNotFrozen } from "./freeze.ts";
import { updateMessage } from "./message.ts";
import {
  boundary,
  migrationsFailed,
  olderThanDatabase,
  refusedByDatabase,
  servesAsBefore,
} from "./migration-failure.ts";
import { assertClean, reachCluster } from "./preflight.ts";
import { recordOf } from "./record.ts";
import { type Target, targetOf } from "./rollback-image.ts";
import { openRollbackRequest } from "./rollback-request.ts";
import { sourceOf } from "./source.ts";
import { planFiles, planFolder, shortName, writePlanFile } from "./stored-plan.ts";
import { withEdit } from "./tried-edit.ts";
import { type Updated, update } from "./update.ts";
import { verified } from "./verified.ts";

/** What `rollback` is told. */
export interface RollbackOptions {
  image?: string;
  to?: string;
  yes?: boolean;
  verify: boolean;
  allowDirty?: boolean;
  mergeRequest?: boolean;
  overrideFreeze?: string;
  project?: string;
  api?: string;
}

/**
 * `rollback`: the same code with another image, API, garbage collector and migrations together. The stack's file says so
 * afterwards, so that nothing drifts; when nothing came of it, the file is as it was.
 */
export async function rollback(call: Call<RollbackOptions>): Promise<number> {
  const { world, options, say } = call;
  const override = assertNotFrozen(world, "rollback", options.overrideFreeze);
  const stack = await call.open();
  const target = await targetOf(world, stack, options);
  const original = readFileSync(stack.file, "utf8");
  const edited = withImage(stack, original, target);
  const source = sourceOf(stack.folder, stack.file, world.env);
  assertClean(stack, source, { allowDirty: options.allowDirty, expected: [basename(stack.file)] });
  if (override) say.print(say.colours.yellow(override.record));
  if (target.committed && target.committed < boundary) say.print(say.colours.yellow(beforeBoundary(target)));
  await reachCluster(call, stack);

  const events: EngineEvent[] = [];
  const name = shortName(stack);
  const message = updateMessage({
    what: `rollback from ${stack.config.image} to ${target.image} (${target.found})`,
    source,
    env: world.env,
    override,
  });
  const edit = {
    file: stack.file,
    before: original,
    after: edited,
    from: stack.config.image,
    to: target.image,
    events,
  };
  let updated: Updated;
  try {
    updated = await withEdit(call, edit, () =>
      update(call, new Steps(say, 2), {
        stack,
        now: world.now,
        message,
        what: `roll ${name} back to ${target.image}`,
        onEvent: (_, event) => events.push(event),
      }),
    );
  } catch (error) {
    throw await inWords(call, stack, target, events, error);
  }
  const folder = planFolder(world, stack, undefined);
  const record = recordOf({
    command: "rollback",
    stack: name,
    source: sourceOf(stack.folder, stack.file, world.env),
    now: world.now,
    message,
    ...updated,
    override,
  });
  writePlanFile(folder, planFiles.deployed, record);
  const request = options.mergeRequest
    ? await openRollbackRequest(world, stack, { edited, target, message, commit: source.commit }, options)
    : undefined;
  const verification = options.verify ? await verified(call) : undefined;
  const done = {
    ...record,
    verified: verification ?? null,
    image: target.image,
    mergeRequest: request?.web_url ?? null,
  };
  writePlanFile(folder, planFiles.deployed, done);
  call.print(done, () => [
    `stack ${name} runs ${target.image}`,
    request
      ? `merge this, or the next deployment brings the other image back: ${request.web_url}`
      : `commit ${basename(stack.file)}, or the next deployment brings the other image back`,
  ]);
  return verification === false ? EXIT.refused : EXIT.done;
}

/**
 * The stack's file with another image.
 * @throws ConfigError when it is not pinned, CliError (refused) when it is the one that is declared
 */
function withImage({ file, config }: OpenedStack, text: string, { image, found }: Target): string {
  if (image === config.image) {
    throw new CliError(
      EXIT.refused,
      `${basename(file)} declares ${image} already (${found}); nothing was changed`,
      "`atticctl deploy` brings it up, where it does not run yet",
    );
  }
  const edited = replaceText(text, ["config", "attic:image"], image);
  if (edited === undefined) {
    throw new CliError(
      EXIT.failed,
      `${basename(file)} names its image in a way that cannot be changed by machine; it is as it was`,
      `change it by hand to ${image}, then: atticctl deploy`,
    );
  }
  loadStackConfig(parseStackFile(edited), `${basename(file)} with the image ${image}`);
  return edited;
}

const beforeBoundary = ({ image }: Target) =>
  `${image} is from before 2026-06-24: it cannot work on a database that a version of that day or later migrated, and its migrations Job will refuse it then`;

/** An update's failure; that the database is too new for the image, when that is why, with what to do instead. */
async function inWords(
  { world }: Call,
  stack: OpenedStack,
  { image }: Target,
  events: readonly EngineEvent[],
  error: unknown,
): Promise<unknown> {
  if (!servesAsBefore(events) || !migrationsFailed(events)) return error;
  const message = error instanceof Error ? error.message : "";
  const tooNew = await refusedByDatabase(message, () => world.clusters.open(stack, world));
  return tooNew ? olderThanDatabase(image, shortName(stack), error) : error;
}
