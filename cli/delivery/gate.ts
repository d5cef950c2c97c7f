import { type Command, Option } from "commander";
import { seconds } from "../../components/tokens/rotation.ts";
import type { Call, Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { assertNotFrozen, freezeLines, type Undertaking } from "./freeze.ts";

/** The option of the commands that may go past a freeze. */
export interface OverrideOptions {
  overrideFreeze?: string;
}

/** `--override-freeze` with its description, for commander. */
export const overrideOption = [
  "--override-freeze <reason>",
  "go past a deployment freeze, in an emergency; the reason is recorded",
] as const;

/**
 * The gate of a command that changes a stack: passes, or throws what stops it. An override is said aloud.
 * @returns what the update's message has to tell; undefined when nothing is frozen
 */
export function passGate(
  { world, options, say }: Pick<Call<OverrideOptions>, "world" | "options" | "say">,
  undertaking: Undertaking,
): string | undefined {
  const override = assertNotFrozen(world, undertaking, options.overrideFreeze);
  if (!override) return undefined;
  const { yellow } = say.colours;
  say.print(
    yellow("DEPLOYMENTS ARE FROZEN, and this goes past it:"),
    ...freezeLines(override.freeze, seconds(world.now)),
    `  because  ${override.reason}`,
  );
  return override.record;
}

interface Options extends OverrideOptions {
  for: Undertaking;
}

/** Adds `gate`. */
export function addGate(parent: Command, cli: Cli): void {
  parent
    .command("gate")
    .description("say whether a deployment freeze lets something pass; exit 4 if not")
    .addOption(
      new Option("--for <what>", "what is to be done")
        .choices(["deploy", "rollback", "revoke"] satisfies Undertaking[])
        .makeOptionMandatory(),
    )
    .option(...overrideOption)
    .addHelpText(
      "after",
      "\nIt reads $DEPLOYMENT_FREEZE, $FREEZE_REASON, $FREEZE_CONTACT, $FREEZE_UNTIL and GitLab's $CI_DEPLOY_FREEZE.",
    )
    .action(
      cli.action<Options>(async (call) => {
        const undertaking = call.options.for;
        const record = passGate(call, undertaking);
        call.print({ for: undertaking, passes: true, overridden: record ?? null }, () => [
          record ? `${undertaking}: passes; ${record}` : `${undertaking}: passes; deployments are not frozen`,
        ]);
        return EXIT.done;
      }),
    );
}
