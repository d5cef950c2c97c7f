import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { Engine } from "../../embedded/engine/locate.ts";
import { withSettings } from "../../embedded/engine/stack-file.ts";
import { keptDirectory, linkEngine } from "../../embedded/engine/workspace.ts";
import { PROJECT_DIR } from "../../embedded/local/paths.ts";
import type { LivePaths } from "../paths.ts";
import { LIVE_STACK, stackEnvironment } from "./environment.ts";
import { type ProjectValues, stackFileHere } from "./settings.ts";

const stackFile = `Pulumi.${LIVE_STACK}.yaml`;

/**
 * Makes the folder that the stack is worked on from, as a platform team's checkout would be: Pulumi.yaml, which leads to
 * this project's program, and the stack's file, with secrets that are encrypted by a passphrase. A file that is there
 * stays as it is but for the settings, as a person may have changed it.
 * @throws Error in the engine's words
 */
export async function makeProject(
  paths: LivePaths,
  engine: Engine,
  { settings, secrets }: ProjectValues,
): Promise<void> {
  const { bin, backend } = keptDirectory(paths.engine);
  linkEngine(bin, engine);

  mkdirSync(paths.project, { recursive: true });
  const project = parseDocument(readFileSync(join(PROJECT_DIR, "Pulumi.yaml"), "utf8"));
  project.delete("backend");
  project.set("main", PROJECT_DIR);
  writeFileSync(join(paths.project, "Pulumi.yaml"), project.toString());

  const file = join(paths.project, stackFile);
  const before = existsSync(file) ? readFileSync(file, "utf8") : stackFileHere();
  writeFileSync(file, withSettings(before, settings));
  const pulumi = (args: readonly string[], input?: string) => ask(paths, join(bin, "pulumi"), args, input);
  if (!existsSync(join(backend, ".pulumi/stacks/attic", `${LIVE_STACK}.json`))) {
    await pulumi(["stack", "init", LIVE_STACK, "--secrets-provider=passphrase", "--no-select"]);
  }
  for (const [key, value] of Object.entries(secrets)) {
    if (parseDocument(readFileSync(file, "utf8")).hasIn(["config", ...key.split(".")])) continue;
    // On standard input: what is an argument, every process of the machine may read.
    await pulumi(["config", "set", "--stack", LIVE_STACK, "--path", "--secret", key], value);
  }
}

function ask(paths: LivePaths, file: string, args: readonly string[], input = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: paths.project, env: { ...process.env, ...stackEnvironment(paths) } };
    const child = execFile(file, [...args, "--non-interactive"], options, (error, _, stderr) =>
      error ? reject(new Error(`pulumi ${args.join(" ")}: ${stderr.trim()}`)) : resolve(),
    );
    child.stdin?.end(input);
  });
}
