import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { parse } from "yaml";
import { names } from "../../components/attic/names.ts";
import { issueOf } from "../../components/tokens/revocation.ts";
import { loadStackConfig } from "../../config/load.ts";
import type { StackConfig } from "../../config/resolve.ts";
import type { Call, Cli } from "../cli.ts";
import type { Deployed } from "../deployed.ts";
import { bringUp } from "../deployments/index.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { replaceFile } from "../replace-file.ts";
import type { OpenedStack } from "../stack.ts";
import { type DecodedJwt, decodeJwt } from "./jwt.ts";
import { readJwt } from "./read-jwt.ts";
import { addRevocation, lengthenRevocation } from "./revocation-edit.ts";
import {
  revokeJwt,
  revokeOwn,
  type TokenReference,
  tokenReference,
  type Written,
} from "./revocation-entry.ts";
import { generationWords, tokenWords } from "./words.ts";

interface Options {
  reason: string;
  file?: string;
  force?: boolean;
}

/** Adds `revoke`. */
export function addRevoke(parent: Command, cli: Cli): void {
  parent
    .command("revoke [token]")
    .description(
      "write a revocation into Pulumi.<stack>.yaml; the ingress refuses the token from the next update on",
    )
    .requiredOption("--reason <text>", "why, for whoever reads the file next year")
    .option("--file <path>", "read the token from a file")
    .option("--force", "revoke a token, too, that the stack's key did not sign")
    .addHelpText(
      "after",
      `
TOKEN is one of the stack's own by its name: NAME, NAME@GENERATION or NAME@GENERATION.ISSUE, the current one unless
told; or a leaked JWT: - reads it from standard input, and without TOKEN a hidden prompt asks for it.`,
    )
    .action(
      cli.action<Options, [string | undefined]>(async (call, given) => {
        checkReason(call.options.reason);
        const stack = await call.open();
        const subject = await subjectOf(call, given);
        const deployed = await stack.deployed();
        const { reason, force = false } = call.options;
        const now = call.world.now;
        const revocation =
          "text" in subject
            ? revokeJwt(stack, deployed, subject, { reason, force, now })
            : revokeOwn(stack, deployed, subject, { reason, now });
        if ("nothing" in revocation) {
          call.print({ changed: false, why: revocation.nothing }, () => [revocation.nothing]);
          return;
        }
        const config = write(stack, revocation);
        report(call, stack, config, deployed, revocation);
      }),
    );
}

/** What is to be revoked; asked for before Pulumi is, which takes a moment in which a person might type already. */
async function subjectOf(
  call: Call<Options>,
  given: string | undefined,
): Promise<TokenReference | DecodedJwt> {
  const { file } = call.options;
  const reference = given === undefined || file !== undefined ? undefined : tokenReference(given);
  return reference ?? decodeJwt(await readJwt(call, { argument: given, file }));
}

function checkReason(reason: string): void {
  if (reason.trim() === "") throw new CliError(EXIT.usage, "--reason is empty");
  if (/eyJ[\w-]{8,}\.eyJ[\w-]{8,}/.test(reason)) {
    throw new CliError(EXIT.usage, "--reason holds a token, and would be written into the file");
  }
}

/**
 * Writes the entry, when the file still says a valid configuration with it.
 * @throws ConfigError with what the entry would make wrong; the file is as it was
 */
function write({ file, raw }: OpenedStack, { entry, instead }: Written): StackConfig {
  const text = readFileSync(file, "utf8");
  const edited = instead
    ? lengthenRevocation(text, instead.index, entry.expires)
    : addRevocation(text, entry);
  const tokens = JSON.stringify(
    (parse(edited) as { config: Record<string, unknown> }).config["attic:tokens"],
  );
  const after = { ...raw, values: { ...raw.values, "attic:tokens": tokens } };
  const config = loadStackConfig(after, `${basename(file)} with the revocation`);
  replaceFile(file, edited);
  return config;
}

function report(
  call: Call<Options>,
  stack: OpenedStack,
  config: StackConfig,
  deployed: Deployed,
  { entry, own, instead, notes }: Written,
): void {
  const next = bringUp(stack.name);
  const what = own ? tokenWords(own) : "the token";
  const inUse = own && deployed.tokens[own.name]?.generation === own.generation;
  const successor = inUse && !instead ? own : undefined;
  const issue = successor && issueOf(config, successor);
  const replacement = successor && issue !== undefined ? { ...successor, issue } : undefined;
  const holders = replacement ? holdersOf(config, replacement.name) : [];
  call.say.print(...notes.map((note) => `note: ${note}`));
  call.print(
    { changed: true, file: stack.file, entry, next, replacement: replacement ?? null, holders, notes },
    () => [
      `${basename(stack.file)}: ${what} is revoked until ${entry.expires}, when it has ended${
        instead ? `; that said ${instead.expires}, which was too early` : ""
      }`,
      `next: ${next}`,
      ...(replacement
        ? [
            `That update also makes ${generationWords(replacement)} of ${replacement.name}, which its holders need:`,
            ...holders.map((holder) => `  ${holder}`),
          ]
        : ["Nobody is given another token for it."]),
    ],
  );
}

/** Where holders of a token get the one that takes its place. */
function holdersOf({ tokens }: StackConfig, name: string): string[] {
  const { ci, readOnly, service, root } = tokens;
  const token = ci[name] ?? readOnly[name] ?? service[name] ?? root[name];
  return [
    ...(token?.inCluster ? [`in the cluster: Secret ${names.tokens} has it at once`] : []),
    ...(token?.gitlab ? [`in GitLab: atticctl tokens publish ${name}`] : []),
    `elsewhere: atticctl tokens get ${name}`,
  ];
}
