import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { Command } from "commander";
import { folder, pictures } from "./pictures.ts";

/** `npm run pictures`: sets the process's exit code. */
export const run = (argv: string[]) =>
  new Command("npm run pictures --")
    .description("Draws the pictures of the documentation anew, from the program as it is.")
    .argument("[names...]", `which, of: ${Object.keys(pictures).join(", ")} (default: all)`)
    .option("--png <folder>", "also as PNG, as light and dark systems show them, for looking at")
    .addHelpText("after", "\nExit codes: 0 drawn, 2 no such picture, or a mistake in what it is drawn from.")
    .action(async (names: string[], options: { png?: string }) => {
      const wanted = names.length > 0 ? names : Object.keys(pictures);
      const unknown = wanted.filter((name) => !Object.hasOwn(pictures, name));
      if (unknown.length > 0) {
        throw new Error(`no picture ${unknown.join(", ")}; there are ${Object.keys(pictures).join(", ")}`);
      }
      mkdirSync(folder, { recursive: true });
      for (const name of wanted) {
        const svg = await (pictures[name] as () => Promise<string>)();
        const file = join(folder, `${name}.svg`);
        const changed = !existsSync(file) || readFileSync(file, "utf8") !== svg;
        if (changed) writeFileSync(file, svg);
        console.log(`${relative(process.cwd(), file)}${changed ? "" : " (as it was)"}`);
        if (options.png) await writePngs(resolve(options.png), name, svg);
      }
    })
    .parseAsync(argv)
    .catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 2;
    });

async function writePngs(out: string, name: string, svg: string): Promise<void> {
  const { png } = await import("./look.ts");
  mkdirSync(out, { recursive: true });
  for (const mode of ["light", "dark"] as const)
    writeFileSync(join(out, `${name}-${mode}.png`), png(svg, mode));
}
