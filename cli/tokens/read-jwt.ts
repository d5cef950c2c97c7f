import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Call } from "../cli.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** Where a person said that the token is. */
export interface JwtSource {
  /** The argument: the token itself, or `-` for standard input. */
  argument?: string;
  /** A file with the token alone. */
  file?: string;
}

/** More than any token has; a file that was named by mistake is not read whole. */
const longest = 100_000;

/**
 * Reads a token from the argument, a file, standard input, or a hidden prompt on a terminal. Warns of an argument,
 * which others can see.
 * @throws CliError when there is none
 */
export async function readJwt(call: Call, { argument, file }: JwtSource): Promise<string> {
  const text = stripped(await read(call, argument, file));
  if (text === "") throw new CliError(EXIT.usage, "there is no token to read: the input is empty");
  return text;
}

async function read({ world, say }: Call, argument: string | undefined, file: string | undefined) {
  if (argument !== undefined && file !== undefined) {
    throw new CliError(EXIT.usage, "give the token once: as the argument or in --file, and not both");
  }
  if (file !== undefined) return readFile(resolve(world.cwd, file));
  if (argument !== undefined && argument !== "-") {
    say.print(
      "warning: as an argument the token stands in the shell's history and the list of processes; `-` reads it from standard input",
    );
    return argument;
  }
  if (argument === undefined && world.stdin.isTTY) return prompt(world.stdin, world.stderr);
  let text = "";
  for await (const chunk of world.stdin) {
    text += chunk;
    if (text.length > longest) throw tooLong("standard input");
  }
  return text;
}

function readFile(path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    if (text.length > longest) throw tooLong(path);
    return text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(EXIT.notFound, `${path} cannot be read: ${(error as Error).message}`);
  }
}

const tooLong = (where: string) => new CliError(EXIT.usage, `${where} is longer than any token`);

/** As it stands in a header, too. */
const stripped = (text: string) => text.trim().replace(/^Bearer\s+/i, "");

/** Asks on a terminal, and shows nothing of what is typed. */
function prompt(input: Call["world"]["stdin"], told: Call["world"]["stderr"]): Promise<string> {
  told.write("token (not shown): ");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.once("line", (line) => {
      answer = line;
      lines.close();
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      told.write("\n");
      if (answer === undefined) reject(new CliError(EXIT.interrupted, "interrupted: nothing was changed"));
      else resolve(answer);
    });
  });
}
