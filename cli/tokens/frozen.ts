import { type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Call } from "../cli.ts";
import { assertNotFrozen, type Freeze, freezeOf, type Override } from "../delivery/freeze.ts";
import type { Deployed } from "../deployed.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { secondsOf, stampFromNow } from "../time.ts";
import { type DueToken, declaredNames } from "./due.ts";
import type { RotateOptions } from "./rotate.ts";

/**
 * Lets a rotation pass, or stops it with what ends because of that: the freeze may be longer than the tokens' lead.
 * @throws CliError (refused) when changes are frozen, (usage) for an override without a reason
 */
export async function passFreeze(call: Call<RotateOptions>): Promise<Override | undefined> {
  const { world, options } = call;
  try {
    return assertNotFrozen(world, "revoke", options.overrideFreeze);
  } catch (error) {
    const freeze = freezeOf(world.env, world.now);
    if (!freeze || !(error instanceof CliError) || error.exitCode !== EXIT.refused) throw error;
    const told = [error.message, ...(await heldBack(call, freeze))].join("\n");
    throw new CliError(error.exitCode, told, error.hint);
  }
}

/** What is told of the tokens to whoever is stopped. That they cannot be read must not hide what stops. */
async function heldBack(call: Call<RotateOptions>, freeze: Freeze): Promise<string[]> {
  try {
    const { config, deployed } = await call.open();
    const lines = endingLines(config, await deployed(), call, freeze);
    return lines.length > 0
      ? ["Tokens that are due, or end before the freeze lets them rotate:", ...lines, ""]
      : [];
  } catch (error) {
    return [`Which tokens end meanwhile is not known: ${(error as Error).message.split("\n")[0]}`, ""];
  }
}

/**
 * Holds an override to its purpose: a token was revoked, or one that is due ends before the freeze lets it rotate.
 * @throws CliError (refused)
 */
export function assertUrgent(
  { config, deployed, due }: { config: StackConfig; deployed: Deployed; due: readonly DueToken[] },
  { freeze, record }: Override,
  call: Pick<Call<RotateOptions>, "world" | "options">,
): void {
  const end = nextChance(freeze, call);
  const urgent = ({ name, reason }: DueToken) =>
    reason === "revoked" ||
    (reason !== "previous ended" && secondsOf(deployed.tokens[name]?.expires as string) <= end);
  if (due.some(urgent)) return;
  throw new CliError(
    EXIT.refused,
    [
      "no token was revoked since the last update, and none that is due ends before the freeze: what rotates by itself waits for its end",
      ...endingLines(config, deployed, call, freeze),
    ].join("\n"),
    `nothing was changed; ${record}`,
  );
}

/** When the first rotation after a freeze is over, at the latest. */
const nextChance = ({ until }: Freeze, { options }: Pick<Call<RotateOptions>, "options">): Seconds =>
  until ? seconds(until) + options.nextRun : Number.POSITIVE_INFINITY;

/** The tokens that are due, or end before the freeze lets them rotate, one line each. */
function endingLines(
  config: StackConfig,
  { tokens }: Deployed,
  call: Pick<Call<RotateOptions>, "world" | "options">,
  freeze: Freeze,
): string[] {
  const now = seconds(call.world.now);
  const end = freeze.until ? nextChance(freeze, call) : now + call.options.nextRun;
  return declaredNames(config).flatMap((name) => {
    const token = tokens[name];
    if (!token) return [];
    const [expires, rotates] = [secondsOf(token.expires), secondsOf(token.rotates)];
    if (rotates > now && expires > end) return [];
    const due = rotates > now ? "" : `; due since ${stampFromNow(rotates, now)}`;
    return [`  ${name} ${expires > now ? "ends" : "ended"} ${stampFromNow(expires, now)}${due}`];
  });
}
