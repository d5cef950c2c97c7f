import { afterAll, beforeAll, expect, test } from "vitest";
import { runnable } from "../support/docs/commands.ts";
import { type LocalCopy, localCopy } from "../support/docs/local-copy.ts";
import { pages, split } from "../support/docs/pages.ts";

/** Pages with commands that run against the local stack, each as one script that says where it stopped. */
const scripts = pages().flatMap(({ path, text }) => {
  const blocks = split(text)
    .fences.filter(({ info }) => info === "sh")
    .map(({ code, line }) => ({ line, commands: runnable(code) }))
    .filter(({ commands }) => /^\s*[^#\s]/m.test(commands));
  const script = blocks.map(({ line, commands }) => `at=${path}:${line}\n${commands}`).join("\n");
  return blocks.length > 0
    ? [{ path, script: `trap 'echo "stopped in the block at $at" >&2' ERR\n${script}` }]
    : [];
});

let copy: LocalCopy | undefined;

beforeAll(async () => {
  copy = await localCopy();
});

afterAll(() => copy?.remove());

test.each(scripts)("what $path says to type works", { timeout: 330_000 }, async ({ script }) => {
  const { code, output } = (await copy?.run(script)) ?? {};
  expect(code, output?.split("\n").slice(-30).join("\n")).toBe(0);
});
