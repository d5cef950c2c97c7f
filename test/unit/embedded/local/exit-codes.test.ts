import { describe, expect, it } from "vitest";
import { EngineError, type EngineErrorKind } from "../../../../embedded/engine/errors.ts";
import { exitCodeOf } from "../../../../embedded/local/exit-codes.ts";
import { reportError } from "../../../../embedded/local/report-error.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";
import { ToolchainError } from "../../../../embedded/toolchain/index.ts";

function report(error: unknown, interrupted = false) {
  let text = "";
  const screen = new Screen(
    {
      write: (more) => {
        text += more;
      },
    },
    {},
  );
  const code = reportError(error, screen, interrupted);
  return { code, text };
}

describe("exitCodeOf", () => {
  it.each<[EngineErrorKind, number]>([
    ["setup", 1],
    ["config", 2],
    ["program", 1],
    ["resources", 1],
    ["policy", 5],
    ["changes", 4],
    ["locked", 1],
    ["interrupted", 130],
  ])("%s: %i", (kind, code) => {
    expect(exitCodeOf(new EngineError(kind, "x"))).toBe(code);
  });
});

describe("reportError", () => {
  it("shows a mistake in the configuration in the program's own words", () => {
    expect(report(new EngineError("config", "2 mistakes", { logPath: "/l/x.log" }))).toEqual({
      code: 2,
      text: "2 mistakes\n",
    });
  });

  it("names the hint and the full log", () => {
    const error = new EngineError("resources", "resources failed:", { hint: "look", logPath: "/l/x.log" });
    expect(report(error)).toEqual({
      code: 1,
      text: "error: resources failed:\nlook\nfull log: /l/x.log\n",
    });
  });

  it("offers what works without Go", () => {
    expect(report(new ToolchainError("there is no go", "install Go")).text).toBe(
      "error: there is no go\ninstall Go\n`npm run render -- <stack>` writes all objects of a stack without any of this\n",
    );
  });

  it("says after Ctrl-C that the next run goes on", () => {
    const { code, text } = report(new Error("whatever followed"), true);
    expect(code).toBe(130);
    expect(text).toMatch(/^interrupted: .* goes on from there\n$/);
  });
});
