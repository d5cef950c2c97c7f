import type { Command } from "commander";
import { iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import { table } from "../../embedded/local/terminal/table.ts";
import type { Call, Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { parseTime, stampFromNow } from "../time.ts";
import { identify, type KnownToken } from "./identify.ts";
import { decodeJwt, isSignedBy } from "./jwt.ts";
import { readJwt } from "./read-jwt.ts";
import { isRevoked } from "./revoked.ts";
import { isTime, type Verdict, verdict } from "./verdict.ts";
import { permissionWords, tokenWords } from "./words.ts";

interface Options {
  file?: string;
  at?: Date;
}

/** What is told of a token; nothing in it is secret. */
interface Inspection extends Verdict {
  /** Whether a request with it is served. */
  accepted: boolean;
  signature: "valid" | "invalid";
  subject: unknown;
  id: unknown;
  /** ISO 8601; null when the token does not say. */
  validFrom: string | null;
  expires: string | null;
  /** Which of the stack's own tokens it is. */
  known: KnownToken | null;
  /** Whether the stack's file revokes it. */
  revoked: boolean;
}

/** Adds `inspect`. */
export function addInspect(parent: Command, cli: Cli): void {
  parent
    .command("inspect [token]")
    .description(
      "what a token allows, whether it is taken, and which of the stack's own it is; exit 4 if refused",
    )
    .option("--file <path>", "read the token from a file")
    .option("--at <date>", "as at another time", parseTime)
    .addHelpText(
      "after",
      "\nTOKEN is a JWT; - reads it from standard input, and without TOKEN a hidden prompt asks for it.",
    )
    .action(
      cli.action<Options, [string | undefined]>(async (call, argument) => {
        const { file, at } = call.options;
        const now = at ?? call.world.now;
        const stack = await call.open();
        const jwt = decodeJwt(await readJwt(call, { argument, file }));
        const deployed = await stack.deployed();
        const { publicKeyBase64 } = deployed;
        const signed = isSignedBy(jwt, publicKeyBase64);
        const read = verdict(jwt, { publicKeyBase64, jwt: stack.config.server.jwt, now: seconds(now) });
        const revoked = isRevoked(stack.config, jwt.text, now);
        const { sub, jti, nbf, iat, exp } = jwt.payload;
        const inspection: Inspection = {
          accepted: read.refusals.length === 0 && !revoked,
          signature: signed ? "valid" : "invalid",
          subject: sub ?? null,
          id: jti ?? null,
          validFrom: timeOf(nbf ?? iat),
          expires: timeOf(exp),
          // An id proves nothing in a token that somebody else signed.
          known: (signed && identify(jwt, stack.config, deployed)) || null,
          revoked,
          ...read,
        };
        call.print(inspection, () =>
          lines(call, stack.name, inspection, { nbf: nbf ?? iat, exp, now: seconds(now) }),
        );
        return inspection.accepted ? EXIT.done : EXIT.refused;
      }),
    );
}

const timeOf = (value: unknown) => (isTime(value) ? iso(value) : null);

function lines(
  { out }: Call,
  stack: string,
  { accepted, signature, subject, id, known, revoked, refusals, allows, remarks }: Inspection,
  { nbf, exp, now }: { nbf: unknown; exp: unknown; now: Seconds },
): string[] {
  const { green, red, yellow, dim } = out.colours;
  const time = (value: unknown, missing: string) =>
    value === undefined ? missing : isTime(value) ? stampFromNow(value, now) : "not a time";
  const text = (value: unknown) => (value === null ? "none" : JSON.stringify(value));
  return [
    accepted ? green(`stack ${stack} takes this token`) : red(`stack ${stack} refuses this token`),
    ...refusals.map((reason) => `  ${reason}`),
    ...(revoked
      ? ["  it is revoked in the stack's file: the ingress refuses it from the update after that on"]
      : []),
    "",
    ...table([
      [
        dim("token"),
        known ? knownWords(known) : signature === "valid" ? "none of the stack's own" : "unknown",
      ],
      [dim("subject"), text(subject)],
      [dim("id"), text(id)],
      [dim("signature"), `${signature} under the stack's key`],
      [dim("valid from"), time(nbf, "always")],
      [dim("expires"), time(exp, yellow("never"))],
      ...allows.map(({ caches, permissions }, i) => [
        dim(i === 0 ? "allows" : ""),
        `${caches}: ${permissionWords(permissions)}`,
      ]),
      ...remarks.map((remark) => [yellow("note"), remark]),
    ]),
  ];
}

function knownWords({ place, exact, ...which }: KnownToken): string {
  const words = {
    current: "the current one",
    previous: "the one before the current",
    superseded: "superseded",
  };
  const variant = place !== "superseded" && !exact ? ", minted when it was declared otherwise" : "";
  return `${tokenWords(which)}, ${words[place]}${variant}`;
}
