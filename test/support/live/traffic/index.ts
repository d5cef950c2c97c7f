import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enteringGround } from "../../../../live/nodes/index.ts";
import { stackEnvironment } from "../../../../live/stack/environment.ts";
import { outputs, paths } from "../world.ts";
import type { Figures, Work } from "./work.ts";

export type { Figures } from "./work.ts";

/** A client that uploads and downloads. */
export interface Traffic {
  /**
   * Ends it, and has it ask everything back that was acknowledged. Until then it goes on, however long that takes.
   * @throws Error when it had ended by itself, so that nobody saw the rest
   */
  stop(): Promise<Figures>;
}

/** The tokens of the stack's outputs, by name. */
export async function token(name: string): Promise<string> {
  const { tokens } = await outputs();
  const found = (tokens as Record<string, { secret: string }>)[name]?.secret;
  if (!found) throw new Error(`the stack has no token ${name}`);
  return found;
}

/** Starts a client on the ground, with the stack's own tokens unless others are given, and waits until it has begun. */
export async function startTraffic(work: Partial<Work> & Pick<Work, "pushes" | "pulls">): Promise<Traffic> {
  const { url } = await outputs();
  const whole: Work = {
    endpoint: String(url).replace(/\/$/, ""),
    cache: "main",
    tokens: { push: await token("ci"), pull: await token("developers") },
    ...work,
  };
  const { file, args, env } = await enteringGround(paths, [
    process.execPath,
    join(import.meta.dirname, "main.ts"),
  ]);
  const child = spawn(file, args, {
    env: { ...env, ...stackEnvironment(paths) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
  const ended = once(child, "exit");
  child.stdin.write(`${JSON.stringify(whole)}\n`);
  await Promise.race([once(lines, "line"), ended]);
  if (said[0] !== "begun") throw new Error(`the client did not begin: ${said[0] ?? "it ended"}`);
  return {
    async stop() {
      child.stdin.end();
      await ended;
      const [, figures] = said;
      if (figures === undefined) throw new Error("the client ended by itself, and told no figures");
      return JSON.parse(figures) as Figures;
    },
  };
}
