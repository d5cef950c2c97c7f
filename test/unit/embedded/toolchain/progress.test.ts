import { describe, expect, test } from "vitest";
import {
  describeProgress,
  duration,
  type Progress,
  renderProgress,
} from "../../../../embedded/toolchain/index.ts";

const at: Progress = {
  step: "Compiling",
  done: 812,
  total: 2839,
  current: "k8s.io/api",
  elapsedSeconds: 130,
  expectedSeconds: 480,
};

test("progress reads as what, how far, how long, where", () => {
  expect(describeProgress(at)).toBe("Compiling, 812/2839 (28 %), 2 min 10 s of about 8 min 00 s: k8s.io/api");
});

test("progress claims no share of a total it does not know", () => {
  const line = describeProgress({ ...at, step: "Downloading", total: undefined, expectedSeconds: undefined });
  expect(line).toBe("Downloading, 812, 2 min 10 s: k8s.io/api");
  expect(line).not.toContain("%");
});

test("durations are in seconds, from a minute on in minutes and seconds", () => {
  expect([0.4, 59.4, 59.6, 600].map(duration)).toEqual(["0 s", "59 s", "1 min 00 s", "10 min 00 s"]);
});

describe("on a terminal", () => {
  test("one line is redrawn, cut to the width, and cleared at the end", () => {
    const { stream, written } = recorder(true, 20);
    const shown = renderProgress(stream, () => 0);

    shown.listener(at);
    shown.end();

    expect(written).toEqual(["\r\x1b[2KCompiling, 812/2839", "\r\x1b[2K"]);
  });

  test("nothing is written when there was nothing to show", () => {
    const { stream, written } = recorder(true);
    renderProgress(stream).end();
    expect(written).toEqual([]);
  });
});

describe("elsewhere", () => {
  test("a line comes for each new step and every 15 seconds, and none in between", () => {
    const { stream, written } = recorder(false);
    let seconds = 0;
    const shown = renderProgress(stream, () => seconds * 1000);

    for (seconds = 0; seconds <= 31; seconds++)
      shown.listener({ ...at, current: "", elapsedSeconds: seconds });
    shown.listener({ ...at, step: "Linking", current: "", elapsedSeconds: 32 });
    shown.end();

    expect(written.map((line) => line.replace(/ of about.*/s, ""))).toEqual([
      "Compiling, 812/2839 (28 %), 0 s",
      "Compiling, 812/2839 (28 %), 15 s",
      "Compiling, 812/2839 (28 %), 30 s",
      "Linking, 812/2839 (28 %), 32 s",
    ]);
    expect(written.join("")).not.toContain("\x1b");
  });
});

function recorder(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } };
}
