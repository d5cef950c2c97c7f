import * as common from "@grafana/grafana-foundation-sdk/common";
import {
  type DynamicConfigValue,
  FieldColorModeId,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as GraphBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import * as units from "@grafana/grafana-foundation-sdk/units";

/** The data source that the viewer has chosen, for every panel and query. */
export const datasource = { type: "prometheus", uid: "$datasource" };

/** What a panel's values are, as Grafana writes them. */
export const unit = {
  /** Bytes, with prefixes of 1024. */
  bytes: units.BytesIEC,
  /** Bytes a second, with prefixes of 1024. */
  bytesPerSecond: units.BytesPerSecondIEC,
  /** CPU cores, or anything else that is counted and may be a fraction. */
  number: units.Short,
  /** A count that is always whole. */
  count: units.NoUnit,
  /** A fraction, shown in percent. */
  share: units.PercentUnit,
  /** Requests a second. */
  requests: units.RequestsPerSecond,
  /** Anything else that happens so many times a second. */
  events: units.OpsPerSecond,
  /** A duration in seconds. */
  seconds: units.Seconds,
  /** Milliseconds since 1970, shown as how long ago or ahead that is. */
  fromNow: units.DateTimeFromNow,
} as const;

export type Unit = (typeof unit)[keyof typeof unit];

type Colour = "green" | "orange" | "red";

/** The colours of a number: that of the lowest values, then those from certain values on, in ascending order. */
export type Steps = readonly [lowest: Colour, ...from: (readonly [value: number, colour: Colour])[]];

/** What every panel says of itself. */
export interface About {
  title: string;
  /** What is to be read from it: what is normal, what is not, and what to do then. */
  description: string;
  unit: Unit;
  /** Of the grid's 24 columns. */
  width?: number;
  /** In rows of the grid, 30 pixels each. */
  height?: number;
}

/** Lines over time. */
export interface Graph extends About {
  /** PromQL by legend; a legend may name labels, as in `{{code}}`. */
  lines: Readonly<Record<string, string>>;
  /** Lines that the others are to stay below or above, by legend: drawn dashed and red. */
  limits?: Readonly<Record<string, string>>;
  /** The span that is shown, whatever the dashboard's is, for instance `30d`. @default the dashboard's */
  over?: string;
  /** Whether the lines are drawn on top of each other, as parts of a sum. @default false */
  stacked?: boolean;
  /** Upper end of the axis. @default by the values */
  max?: number;
}

/** A panel of lines; 12 wide and 8 high by default. */
export function graph({ lines, limits = {}, stacked = false, ...about }: Graph): Panel {
  const builder = new GraphBuilder()
    .unit(about.unit)
    // Shows zero, and goes below it where a line does.
    .axisSoftMin(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(legend())
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    );
  if (about.max !== undefined) builder.max(about.max);
  if (about.over) builder.timeFrom(about.over);
  if (stacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  for (const limit of Object.keys(limits)) builder.overrideByName(limit, dashed);
  const queries = Object.entries({ ...lines, ...limits }).map(([name, expr]) =>
    query(expr).legendFormat(name).range(),
  );
  return finish(builder.targets(lettered(queries)), about, { width: 12, height: 8 });
}

/** One number. */
export interface Stat extends About {
  /** PromQL with one result. */
  expr: string;
  /** @default always green */
  steps?: Steps;
  /** What is shown when there is no result. @default "no data" */
  nothing?: string;
  /** Digits behind the point. @default by the value, which makes 99.97 % of 100 % */
  decimals?: number;
}

/** A panel with one number; 4 wide and 4 high by default. */
export function stat({ expr, steps = ["green"], nothing = "no data", ...about }: Stat): Panel {
  const builder = new StatBuilder()
    .unit(about.unit)
    .noValue(nothing)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false))
    .thresholds(thresholds(steps))
    .targets(lettered([query(expr).instant()]));
  if (about.decimals !== undefined) builder.decimals(about.decimals);
  return finish(builder, about, { width: 4, height: 4 });
}

/** One column of a table. */
export interface Column {
  /** PromQL with one result for each row; `table` sums up by the keys, so that labels beside them do no harm. */
  expr: string;
  unit: Unit;
  /** @default no colour */
  steps?: Steps;
  /** Digits behind the point. @default by the value, which makes 99.97 % of 100 % */
  decimals?: number;
}

/** A row for each combination of some labels' values. */
export interface Table extends Omit<About, "unit"> {
  /** The headings of the labels that make a row. */
  keys: Readonly<Record<string, string>>;
  /** Where a click on a label's value leads, by heading; `${__value.text}` stands for the value. */
  links?: Readonly<Record<string, { title: string; url: string }>>;
  /** The columns with values, by heading. */
  columns: Readonly<Record<string, Column>>;
}

/** A table of the newest values; 24 wide and 8 high by default. */
export function table({ keys, links = {}, columns, ...about }: Table): Panel {
  const headings = Object.keys(columns);
  const labels = Object.keys(keys);
  const queries = Object.values(columns).map(({ expr }) =>
    query(`max by (${labels.join(", ")}) (${expr})`)
      .format(PromQueryFormat.Table)
      .instant(),
  );
  // Grafana calls a query's values `Value` and its letter, and without the letter where there is one query alone.
  const values = headings.map((_, index) => (headings.length === 1 ? "Value" : `Value #${letter(index)}`));
  const order = [...labels, ...values];
  const builder = new TableBuilder()
    .targets(lettered(queries))
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
        renameByName: {
          ...keys,
          ...Object.fromEntries(values.map((value, index) => [value, headings[index]])),
        },
      },
    });
  for (const [heading, column] of Object.entries(columns)) builder.overrideByName(heading, cell(column));
  for (const [heading, link] of Object.entries(links)) {
    builder.overrideByName(heading, [{ id: "links", value: [{ ...link, targetBlank: true }] }]);
  }
  return finish(builder, about, { width: 24, height: 8 });
}

const query = (expr: string) => new DataqueryBuilder().datasource(datasource).expr(expr);

const letter = (index: number) => String.fromCharCode(65 + index);

const lettered = (queries: DataqueryBuilder[]) => queries.map((each, index) => each.refId(letter(index)));

const legend = () =>
  new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom);

const dashed: DynamicConfigValue[] = [
  { id: "custom.lineStyle", value: { fill: "dash", dash: [10, 10] } },
  { id: "custom.fillOpacity", value: 0 },
  { id: "custom.stacking", value: { mode: "none" } },
  { id: "color", value: { mode: FieldColorModeId.Fixed, fixedColor: "red" } },
];

const thresholdSteps = ([lowest, ...rest]: Steps) => [
  { value: null, color: lowest },
  ...rest.map(([value, color]) => ({ value, color })),
];

const thresholds = (steps: Steps) =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholdSteps(steps));

function cell({ unit, steps, decimals }: Column): DynamicConfigValue[] {
  const plain = [
    { id: "unit", value: unit },
    ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
  ];
  if (!steps) return plain;
  return [
    ...plain,
    { id: "thresholds", value: { mode: ThresholdsMode.Absolute, steps: thresholdSteps(steps) } },
    { id: "custom.cellOptions", value: { type: common.TableCellDisplayMode.ColorText } },
  ];
}

function finish(
  builder: GraphBuilder | StatBuilder | TableBuilder,
  { title, description, width, height }: Omit<About, "unit">,
  usual: { width: number; height: number },
): Panel {
  return builder
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width ?? usual.width)
    .height(height ?? usual.height)
    .build();
}
