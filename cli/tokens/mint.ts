import { randomBytes } from "node:crypto";
import { type Command, Option } from "commander";
import { type Claims, claims, type Grants } from "../../components/tokens/claims.ts";
import { sign, signingKey } from "../../components/tokens/jwt.ts";
import { backdating, iso, type Seconds, seconds } from "../../components/tokens/rotation.ts";
import type { StackConfig } from "../../config/resolve.ts";
import { type Permission, permissions } from "../../config/schema/tokens.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { formatDuration, parseDuration, stamp } from "../time.ts";
import { checkGrants } from "./check-grants.ts";
import { decodeJwt, isSignedBy } from "./jwt.ts";
import { signingKeyIn } from "./signing-key.ts";
import { grantWords } from "./words.ts";

type Options = { sub: string; validity: number; long?: boolean; root?: boolean } & Partial<
  Record<Permission, string[]>
>;

/** How long a token may be valid that nobody keeps a record of, in seconds: usually, and with `--long`. */
const longest = { usually: parseDuration("24h"), ever: parseDuration("7d") };

/** Adds `mint`. */
export function addMint(parent: Command, cli: Cli): void {
  const command = parent
    .command("mint")
    .description("make a short-lived token for a purpose of the moment; it is printed, and recorded nowhere")
    .requiredOption("--sub <name>", "who it is for")
    .addOption(
      new Option("--validity <span>", "how long it is valid, from now")
        .argParser(parseDuration)
        .default(parseDuration("1h"), "1h"),
    )
    .option("--long", "allow a validity of more than 24h, 7d at most")
    .option(
      "--root",
      "allow what only root tokens may: to destroy caches, and more than pull on every cache",
    );
  for (const permission of permissions) {
    const flag = permission.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const add = (pattern: string, before: string[] = []) => [...before, pattern];
    command.option(`--${flag} <pattern>`, `caches to allow ${permission} on; may be given again`, add);
  }
  command.action(
    cli.action<Options>(async (call) => {
      const { options, say, world } = call;
      checkSubject(options.sub);
      checkValidity(options);
      const stack = await call.open();
      const grants = grantsOf(options);
      checkGrants(stack.raw, grants, options.root ? "root" : "service");
      const deployed = await stack.deployed();
      const pem = signingKeyIn(await (await stack.deployment()).resources(), deployed.publicKeyBase64);
      const claims = adHocClaims(options, grants, seconds(world.now), stack.config);
      const token = await sign(claims, signingKey(pem));
      if (!isSignedBy(decodeJwt(token), deployed.publicKeyBase64))
        throw new Error("the signature does not fit");
      say.print(
        `${claims.sub} is valid for ${formatDuration(options.validity)}, until ${stamp(claims.exp)}: ${grantWords(grants)}`,
        "It is recorded nowhere: to revoke it before its end, you need the token itself.",
      );
      const { jti, sub, exp } = claims;
      call.print({ token, jti, sub, expires: iso(exp), caches: grants }, () => [token]);
    }),
  );
}

/** What an ad hoc token says: as a declared one, with an id that nobody can have had before. */
function adHocClaims(
  { sub, validity }: Pick<Options, "sub" | "validity">,
  grants: Grants,
  now: Seconds,
  { server, tokens }: StackConfig,
): Claims {
  const which = { name: sub, signingKey: tokens.signingKey.generation, generation: 0, issue: 0 };
  const times = { notBefore: now - backdating, expires: now + validity };
  return {
    ...claims(which, "adhoc", grants, times, server.jwt),
    // A declared token's id is counted out from its name; this one has no place in any count.
    jti: `adhoc-${randomBytes(16).toString("hex")}`,
  };
}

function checkSubject(sub: string): void {
  if (/^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$/.test(sub)) return;
  throw new CliError(
    EXIT.usage,
    "--sub is no name",
    "it is up to 100 letters, digits and signs of ASCII, without space around",
  );
}

function checkValidity({ validity, long }: Options): void {
  if (validity > longest.ever) {
    throw new CliError(
      EXIT.usage,
      `--validity ${formatDuration(validity)} is longer than ${formatDuration(longest.ever)}`,
      "declare a token under attic:tokens, which is rotated and can be revoked by its name",
    );
  }
  if (validity > longest.usually && !long) {
    throw new CliError(
      EXIT.usage,
      "--validity is longer than 24 h",
      "a token that nobody has a record of should end soon: shorten it, or say --long",
    );
  }
}

function grantsOf(options: Options): Grants {
  const grants: Record<string, Permission[]> = {};
  for (const permission of permissions) {
    for (const pattern of options[permission] ?? []) {
      grants[pattern] = [...new Set([...(grants[pattern] ?? []), permission])];
    }
  }
  if (Object.keys(grants).length > 0) return grants;
  throw new CliError(EXIT.usage, "the token would allow nothing", "say what it is for, such as --pull main");
}
