import process from "node:process";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Call } from "../../../../cli/cli.ts";
import { confirmChange } from "../../../../cli/delivery/confirm.ts";
import type { OpenedStack } from "../../../../cli/stack.ts";
import { onInterrupt } from "../../../../embedded/local/interrupts.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";

const stack = { name: "test", config: { deletionProtection: true } } as OpenedStack;

/** A person at a terminal, and what is being asked of them. */
function asked() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const say = new Screen({ write: () => true }, {});
  const call = { world: { stdin }, say, options: {} } as unknown as Call;
  return { stdin, answered: confirmChange(call, stack, "deploy test") };
}

test("a protected stack is confirmed by its name alone", async () => {
  const right = asked();
  right.stdin.write("test\n");
  await right.answered;
  const wrong = asked();
  wrong.stdin.write("yes\n");
  await expect(wrong.answered).rejects.toMatchObject({ exitCode: 4, message: /nothing was changed/ });
});

test("whoever is asked may stop instead", async () => {
  const { answered } = asked();
  process.emit("SIGINT", "SIGINT");
  await expect(answered).rejects.toMatchObject({
    exitCode: 130,
    message: "interrupted; nothing was changed",
  });
});

test("whoever wished to stop before is not asked any more", async () => {
  const interrupt = onInterrupt(() => {});
  try {
    process.emit("SIGTERM", "SIGTERM");
    await expect(asked().answered).rejects.toMatchObject({ exitCode: 130 });
  } finally {
    interrupt.release();
  }
});
