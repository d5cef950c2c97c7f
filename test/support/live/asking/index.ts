import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enteringGround } from "../../../../live/nodes/index.ts";
import { stackEnvironment } from "../../../../live/stack/environment.ts";
import { outputs, paths } from "../world.ts";
import type { Answer, Ask } from "./ask.ts";

/** A client that asks one thing at a time. */
export interface Asker {
  ask(what: Ask): Promise<Answer>;
  end(): Promise<void>;
}

/** Starts one on the ground. What is asked for, with its token, goes by its input: arguments are seen by everybody. */
export async function startAsking(): Promise<Asker> {
  const { url } = await outputs();
  const endpoint = String(url).replace(/\/$/, "");
  const main = join(import.meta.dirname, "main.ts");
  const { file, args, env } = await enteringGround(paths, [process.execPath, main, endpoint]);
  const child = spawn(file, args, {
    env: { ...env, ...stackEnvironment(paths) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    ask(what) {
      const mine = turn.then(async () => {
        child.stdin.write(`${JSON.stringify(what)}\n`);
        const { value, done } = await answers.next();
        if (done) throw new Error("the client on the ground has ended");
        return JSON.parse(value) as Answer;
      });
      turn = mine.catch(() => {});
      return mine;
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
