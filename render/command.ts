import { relative, resolve } from "node:path";
import { Command } from "commander";
import { readStackFile, stackNames } from "../config/stack-file.ts";
import program from "../index.ts";
import { files } from "./files.ts";
import { record } from "./record.ts";
import { tree } from "./tree.ts";
import { write } from "./write.ts";

const project = resolve(import.meta.dirname, "..");

/** `npm run render`: sets the process's exit code. */
export const run = (argv: string[]) =>
  new Command("npm run render --")
    .description("Writes every object that a stack makes, without an engine, a cluster or a cloud.")
    .argument("<stack>", `one of: ${stackNames(project).sort().join(", ")}`)
    .option("--out <folder>", "where the files go (default: out/<stack>)")
    .addHelpText("after", "\nSecrets are masked. Exit codes: 0 written, 2 a mistake in the configuration.")
    .action(async (stack: string, { out = `out/${stack}` }: { out?: string }) => {
      const recording = await record(program, { stack, config: readStackFile(project, stack) });
      const written = files(recording);
      const folder = resolve(out);
      write(folder, written);
      console.log(
        `${tree(recording)}\n\n${written.size} files in ${relative(process.cwd(), folder) || "."}/`,
      );
    })
    .parseAsync(argv)
    .catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 2;
    });
