import { describe, expect, it } from "vitest";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";
import { Steps } from "../../../../embedded/local/terminal/steps.ts";

function terminal(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  let text = "";
  const stream = {
    isTTY,
    columns: 20,
    write: (more: string) => {
      text += more;
    },
  };
  return { screen: new Screen(stream, env), text: () => text };
}

describe("Screen", () => {
  it("paints over what it painted before", () => {
    const { screen, text } = terminal(true);
    screen.paint(["one", "two"]);
    screen.paint(["three"]);
    expect(text()).toBe("one\ntwo\n\u001b[2A\r\u001b[Jthree\n");
  });

  it("puts lines that stay above, and cuts painted lines that would wrap", () => {
    const { screen, text } = terminal(true);
    screen.paint(["x".repeat(30)]);
    screen.print("stays");
    expect(text()).toBe(`${"x".repeat(18)}…\n\u001b[1A\r\u001b[Jstays\n`);
  });

  it.each([
    ["without a terminal", terminal(false)],
    ["in CI", terminal(true, { CI: "true" })],
    ["on a dumb terminal", terminal(true, { TERM: "dumb" })],
  ])("paints nothing and uses no colours %s", (_, { screen, text }) => {
    screen.paint(["progress"]);
    screen.print(screen.colours.red("line"));
    expect(text()).toBe("line\n");
  });

  it("honours NO_COLOR", () => {
    const { screen } = terminal(true, { NO_COLOR: "1" });
    expect(screen.colours.red("x")).toBe("x");
  });
});

describe("Steps", () => {
  it("tells a log where it is, and what came of it", async () => {
    const { screen, text } = terminal(false);
    const steps = new Steps(screen, 2);
    await steps.run("build", { expectedMs: 6_000 }, async (control) => {
      control.note("a note");
      control.result("3 built");
    });
    await expect(
      steps.run("fail", {}, async () => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(text().replaceAll(/\d\.\d s$/gm, "# s")).toBe(
      [
        "step 1 of 2  build (usually # s)".replace("# s", "6.0 s"),
        "  a note",
        "✓ step 1 of 2  build  0.0 s  3 built",
        "step 2 of 2  fail",
        "✗ step 2 of 2  fail  # s",
        "",
      ].join("\n"),
    );
    expect(steps.timings.map(({ title }) => title)).toEqual(["build"]);
  });
});
