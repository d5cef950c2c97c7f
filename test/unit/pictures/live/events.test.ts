import { describe, expect, test } from "vitest";
import { kept, noticed } from "../../../../pictures/live/events.ts";
import { readLive } from "../../../../pictures/live/index.ts";
import { figure, type LiveRecording, sum } from "../../../../pictures/live/recording.ts";

const recording = readLive();
const of = (figures: LiveRecording["figures"]): LiveRecording => ({ ...recording, figures });

describe("figures of scenarios", () => {
  const figures = {
    drained: [
      { what: "failed requests, uploads: 500", value: 3, unit: "requests" as const },
      { what: "failed requests, narinfos: 504", value: 4, unit: "requests" as const },
      { what: "longest upload", value: 21, unit: "s" as const },
    ],
  };

  test("are found by scenario and name, or missed by both", () => {
    expect(figure({ figures }, "drained", "longest upload")).toBe(21);
    expect(() => figure({ figures }, "drained", "longest download")).toThrow("“longest download”");
    expect(() => figure({ figures }, "killed", "longest upload")).toThrow("“killed”");
  });

  test("of a kind are added up; none are 0", () => {
    expect(sum({ figures }, "drained", /^failed requests, /)).toBe(7);
    expect(sum({ figures }, "drained", /lost/)).toBe(0);
    expect(sum({ figures }, "killed", /^failed requests, /)).toBe(0);
  });
});

describe("what clients noticed", () => {
  test("is read from the recording that is kept, each event once", () => {
    const events = noticed(recording).map(({ event }) => event);
    expect(events.length).toBeGreaterThan(8);
    expect(new Set(events).size).toBe(events.length);
  });

  test("of what is planned is nothing, as the pages promise", () => {
    const planned = noticed(recording).filter(({ kind }) => kind === "planned");
    expect(planned.filter(({ failed }) => failed > 0)).toEqual([]);
    expect(Math.max(...planned.map(({ gap }) => gap))).toBeLessThan(5);
  });

  test("of a database that goes is never a loss", () => {
    expect(kept(recording).acknowledged).toBeGreaterThan(100);
    expect(kept(recording).lost).toBe(0);
  });

  test("needs every scenario that it tells of", () => {
    const [first = "", ...others] = Object.keys(recording.figures).filter((name) => name.startsWith("3-"));
    expect(others.length).toBeGreaterThan(0);
    const { [first]: _, ...figures } = recording.figures;
    expect(() => noticed(of(figures))).toThrow(first);
  });
});
