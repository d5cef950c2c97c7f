import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { type Interrupt, onInterrupt } from "../../../../embedded/local/interrupts.ts";

const held: Interrupt[] = [];
const hold = (say: (line: string) => void = () => {}) => {
  const interrupt = onInterrupt(say);
  held.push(interrupt);
  return interrupt;
};
afterEach(() => {
  for (const each of held.splice(0).toReversed()) each.release();
});
const stop = () => process.emit("SIGTERM", "SIGTERM");

describe("a wish to stop", () => {
  test("is told to a step that begins after it came", () => {
    hold();
    stop();
    const step = hold();
    expect([step.requested(), step.signal.aborted]).toEqual([true, true]);
  });

  test("is heard once, however many steps there are", () => {
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    hold(say);
    hold(say);
    stop();
    expect(said).toEqual(["stopping (Ctrl-C again to end at once)"]);
  });

  test("is heard by a command after one of its steps has ended", () => {
    const command = hold();
    hold().release();
    stop();
    expect(command.requested()).toBe(true);
  });

  test("is forgotten by the next command", () => {
    const before = process.listenerCount("SIGTERM");
    const command = hold();
    stop();
    command.release();
    expect(process.listenerCount("SIGTERM")).toBe(before);
    expect(hold().requested()).toBe(false);
  });
});
