import { type ChartSpec, fill, type Layer, type Position } from "../chart.ts";
import { colours } from "../palette.ts";
import { bounds } from "./bounds.ts";
import type { HpaRecording } from "./recording.ts";

/** One of the charts below each other, over the same time. */
interface Panel {
  title: string;
  height: number;
  /** Ticks of its own axis, the first and the last of which are its ends. */
  ticks: number[];
  layers: (y: Along) => Layer[];
}

/** A field along the panel's own axis. */
type Along = (field: string) => Position;

/** The charts of a recording: load, utilization, replicas. */
export function hpaSpecs(recording: HpaRecording): ChartSpec[] {
  const { samples } = recording;
  const end = Math.ceil((samples.at(-1)?.seconds ?? 0) / 60);
  const all = panels(recording);
  return all.map(({ title, height, ticks, layers }, at): ChartSpec => {
    const isLast = at === all.length - 1;
    const x: Position = {
      field: "minutes",
      type: "quantitative",
      scale: { domain: [0, end], nice: false },
      axis: isLast ? { tickMinStep: 1, title: "minutes" } : { title: null, labels: false, ticks: false },
    };
    const scale = { domain: [ticks[0] ?? 0, ticks.at(-1) ?? 1], nice: false };
    const y: Along = (field) => ({
      field,
      type: "quantitative",
      scale,
      axis: { values: ticks, title: null },
    });
    return {
      ...fill({ left: 40, right: 112, top: 24, bottom: isLast ? 42 : 4 }, height),
      data: { values: samples.map(inMinutes) },
      layer: [
        // Draws nothing but the time axis.
        {
          data: { values: [{ minutes: 0 }] },
          mark: { type: "point", opacity: 0, color: colours.plate },
          encoding: { x },
        },
        ...layers(y),
        {
          data: { values: [{ title }] },
          mark: { type: "text", align: "left", x: 0, y: -12, fontWeight: "bold", fontSize: 13 },
          encoding: { text: { field: "title", type: "nominal" } },
        },
      ],
    };
  });
}

function panels({ samples, autoscaler, requestMillicores }: HpaRecording): Panel[] {
  const { minReplicas, maxReplicas, cpuUtilization } = autoscaler;
  return [
    {
      title: "CPU that all replicas together are said to use, in millicores",
      height: 76,
      ticks: [0, 500, 1000],
      layers: (y) => [
        {
          mark: {
            type: "area",
            interpolate: "step-after",
            color: colours.otherTint,
            line: { color: colours.other },
          },
          encoding: { x: minutes, y: y("demand") },
        },
        ...across(
          (maxReplicas * requestMillicores * cpuUtilization) / 100,
          `fits ${maxReplicas} replicas`,
          y,
        ),
      ],
    },
    {
      title: "CPU as the autoscaler saw it, in percent of the request",
      height: 76,
      ticks: [0, 100, 200, 300],
      layers: (y) => [
        steps(y("utilization"), { color: colours.other }),
        ...across(cpuUtilization, `target ${cpuUtilization} %`, y),
      ],
    },
    {
      title: "Replicas",
      height: 190,
      ticks: [0, 2, 4, 6, 8, 10, 12],
      layers: (y) => [
        {
          data: { values: bounds(samples, autoscaler).map(inMinutes) },
          mark: { type: "area", color: colours.watchTint, interpolate: "step-after" },
          encoding: { x: minutes, y: y("least"), y2: { field: "most" } },
        },
        steps(y("desired"), { color: colours.main, strokeWidth: 3 }),
        steps(y("ready"), { color: colours.ink, strokeWidth: 1.5, strokeDash: [2, 3] }),
        ...across(minReplicas, `minimum ${minReplicas}`, y),
        ...across(maxReplicas, `maximum ${maxReplicas}`, y),
      ],
    },
  ];
}

const minutes: Position = { field: "minutes", type: "quantitative" };

const steps = (
  y: Position,
  looks: { color: string; strokeWidth?: number; strokeDash?: number[] },
): Layer => ({
  mark: { type: "line", interpolate: "step-after", ...looks },
  encoding: { x: minutes, y },
});

/** A line across a panel, named behind its end. */
const across = (value: number, words: string, y: Along): Layer[] => [
  {
    data: { values: [{ value }] },
    mark: { type: "rule", color: colours.watch, strokeDash: [5, 4] },
    encoding: { y: y("value") },
  },
  {
    data: { values: [{ value, words }] },
    mark: { type: "text", align: "left", x: "width", dx: 6, color: colours.watch, fontSize: 11.5 },
    encoding: { y: y("value"), text: { field: "words", type: "nominal" } },
  },
];

const inMinutes = <Timed extends { seconds: number }>(each: Timed) => ({
  ...each,
  minutes: each.seconds / 60,
});
