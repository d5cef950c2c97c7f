import { type Seconds, seconds } from "../../components/tokens/rotation.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { parseTime, stampFromNow } from "../time.ts";

/** A time in which stacks are left as they are. */
export interface Freeze {
  /** What says so, such as `DEPLOYMENT_FREEZE=true`. */
  setBy: string;
  /** Why; undefined where nobody said. */
  reason: string | undefined;
  /** Whom to ask; undefined where nobody said. */
  contact: string | undefined;
  /** When it ends by itself; undefined when somebody has to end it. */
  until: Date | undefined;
  /** What is odd in how it was said, one sentence each. None of it opens the gate. */
  oddities: string[];
}

/** What a command is about to do to a stack. */
export type Undertaking = "deploy" | "rollback" | "revoke";

/** A freeze that somebody went past, which has to be told wherever the change is told. */
export interface Override {
  freeze: Freeze;
  /** Why, in the person's words. */
  reason: string;
  /** All of it on one line, for the update's message in Pulumi's history. */
  record: string;
}

const yes = ["true", "1", "yes"];
const no = ["", "false", "0", "no", "off"];

/**
 * The freeze that the environment tells of; undefined when there is none, or it has ended by itself.
 *
 * `DEPLOYMENT_FREEZE` with FREEZE_REASON, FREEZE_CONTACT and FREEZE_UNTIL is the project's own; whatever it is set to
 * freezes, unless it clearly says no. GitLab sets `CI_DEPLOY_FREEZE` in the freeze periods of a project.
 */
export function freezeOf(env: NodeJS.ProcessEnv, now: Date): Freeze | undefined {
  return ownFreeze(env, now) ?? periodOfGitLab(env);
}

function ownFreeze(env: NodeJS.ProcessEnv, now: Date): Freeze | undefined {
  const value = oneLine(env.DEPLOYMENT_FREEZE);
  const meant = value.toLowerCase();
  if (no.includes(meant)) return undefined;
  const oddities = yes.includes(meant)
    ? []
    : [`DEPLOYMENT_FREEZE is ${JSON.stringify(value)}: neither true nor false, so taken for true`];
  const { until, oddity } = endOf(oneLine(env.FREEZE_UNTIL));
  if (until && until <= now) return undefined;
  return {
    setBy: `DEPLOYMENT_FREEZE=${value}`,
    reason: oneLine(env.FREEZE_REASON) || undefined,
    contact: oneLine(env.FREEZE_CONTACT) || undefined,
    until,
    oddities: [...oddities, ...(oddity ? [oddity] : [])],
  };
}

function endOf(text: string): { until?: Date; oddity?: string } {
  if (!text) return {};
  try {
    return { until: parseTime(text) };
  } catch {
    return { oddity: `FREEZE_UNTIL is no time but ${JSON.stringify(text)}: the freeze has no end` };
  }
}

function periodOfGitLab(env: NodeJS.ProcessEnv): Freeze | undefined {
  if (env.CI_DEPLOY_FREEZE === undefined) return undefined;
  return {
    setBy: "CI_DEPLOY_FREEZE, a freeze period of the GitLab project",
    reason: oneLine(env.FREEZE_REASON) || undefined,
    contact: oneLine(env.FREEZE_CONTACT) || undefined,
    until: undefined,
    oddities: [],
  };
}

/**
 * Lets a change of a stack pass, or stops it.
 * @param override what `--override-freeze` gave
 * @returns the override that let it pass; undefined when nothing is frozen
 * @throws CliError (refused) when changes are frozen, (usage) for an override without a reason
 */
export function assertNotFrozen(
  { env, now }: { env: NodeJS.ProcessEnv; now: Date },
  undertaking: Undertaking,
  override?: string,
): Override | undefined {
  const reason = override === undefined ? undefined : oneLine(override);
  if (reason === "") {
    throw new CliError(EXIT.usage, "--override-freeze needs a reason", "it goes into the history");
  }
  const freeze = freezeOf(env, now);
  if (!freeze) return undefined;
  if (undertaking !== "deploy" && reason) return { freeze, reason, record: recordOf(freeze, reason) };
  const hint = {
    deploy: reason ? `${deployNever}\n${possible}` : possible,
    rollback: overriding,
    revoke: `${overriding}\n${successorsAlone}`,
  };
  throw new CliError(EXIT.refused, refusal(freeze, seconds(now)), hint[undertaking]);
}

/** What a person reads who is stopped. */
function refusal(freeze: Freeze, now: Seconds): string {
  return ["DEPLOYMENTS ARE FROZEN. Nothing was changed.", "", ...freezeLines(freeze, now), ""].join("\n");
}

/** Who, why, until when: one line each. */
export function freezeLines({ setBy, reason, contact, until, oddities }: Freeze, now: Seconds): string[] {
  const facts = {
    why: reason ?? "nobody said (FREEZE_REASON is not set)",
    contact: contact ?? "nobody said (FREEZE_CONTACT is not set)",
    until: until ? stampFromNow(seconds(until), now) : "somebody ends it",
    "set by": setBy,
  };
  return [
    ...Object.entries(facts).map(([name, fact]) => `  ${name.padEnd(9)}${fact}`),
    ...oddities.map((oddity) => `  ! ${oddity}`),
  ];
}

const possible = `Still possible: preview, drift, status, verify, doctor.
In an emergency, with a reason that is recorded:
  atticctl rollback …       --override-freeze REASON
  atticctl tokens rotate …  --override-freeze REASON   after a revocation, or for a token that ends before the freeze
  atticctl db restore …     --override-freeze REASON`;

const deployNever = "--override-freeze lets no ordinary deployment pass.";

const overriding = "Ask the contact; in an emergency, give --override-freeze REASON, which is recorded.";

const successorsAlone =
  "It makes tokens anew and has none refused: for that the ingress needs a deployment, which no override lets past.";

const recordOf = ({ setBy, reason, contact }: Freeze, why: string) => {
  const about = [setBy.split(",")[0], reason, contact && `contact ${contact}`].filter(Boolean).join("; ");
  return `freeze overridden (${about}) because: ${why}`;
};

/** A text on one line. Variables are set by people, and some end in a line break; none may paint over the screen. */
export const oneLine = (text = "") => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
