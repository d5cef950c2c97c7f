import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, test } from "vitest";
import { dashboards } from "../../../../../components/observability/dashboards/index.ts";
import { unit } from "../../../../../components/observability/dashboards/panels.ts";
import type { StackConfig } from "../../../../../config/index.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { everything, stacks } from "./stacks.ts";

/** What Grafana gets to read. */
const read = (config: StackConfig): Dashboard[] =>
  dashboards(config).map(({ data }) => JSON.parse(Object.values<string>(data)[0] as string));

const all = (dashboard: Dashboard) => (dashboard.panels ?? []) as (Panel | RowPanel)[];
const panels = (dashboard: Dashboard) =>
  all(dashboard).filter((panel): panel is Panel => panel.type !== "row");

const each = Object.entries(stacks).flatMap(([stack, config]) =>
  read(config).map((dashboard) => ({ name: `${dashboard.title} of a stack ${stack}`, dashboard, config })),
);

describe.each(each)("$name", ({ dashboard, config }) => {
  test("can be told from those of other stacks, by people and by Grafana", () => {
    expect(dashboard.uid).toMatch(/^attic-[a-z]+-[0-9a-f]{8}$/);
    expect(dashboard.uid?.length).toBeLessThanOrEqual(40);
    expect(dashboard.title).toContain(`(${config.namespace})`);
    expect(dashboard.description).toBeTruthy();
  });

  test("is not changed in Grafana, where the next update would undo it", () => {
    expect(dashboard.editable).toBe(false);
    expect(dashboard.id).toBeUndefined();
  });

  test("shows the time up to now, and leads to the other dashboards and the runbooks", () => {
    expect(dashboard.time).toMatchObject({ from: expect.stringMatching(/^now-\d+[hd]$/), to: "now" });
    const [others, runbooks] = dashboard.links ?? [];
    expect(others).toMatchObject({ type: "dashboards", tags: ["attic", config.namespace], keepTime: true });
    expect(dashboard.tags).toEqual(["attic", config.namespace]);
    expect(runbooks).toMatchObject({ type: "link", url: config.observability.rules.runbooks });
  });

  test("asks the data source that the viewer has chosen, everywhere", () => {
    const [variable, ...more] = dashboard.templating?.list ?? [];
    expect(more).toEqual([]);
    expect(variable).toMatchObject({
      name: "datasource",
      type: "datasource",
      query: "prometheus",
      current: { value: config.observability.dashboards.datasource },
    });
    for (const panel of panels(dashboard)) {
      const chosen = { type: "prometheus", uid: "$datasource" };
      expect(panel.datasource, panel.title).toEqual(chosen);
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      for (const target of panel.targets ?? [])
        expect(target, panel.title).toMatchObject({ datasource: chosen });
    }
  });

  test("says of every panel what it is, what to read from it, and in which unit", () => {
    const titles = panels(dashboard).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { title, description, type, fieldConfig, targets } of panels(dashboard)) {
      expect(title).toMatch(/^[A-Z0-9]/);
      expect(description, title).toMatch(/\w{3}/);
      const units =
        type === "table"
          ? fieldConfig?.overrides
              .flatMap(({ properties }) => properties.filter(({ id }) => id === "unit"))
              .map(({ value }) => value)
          : [fieldConfig?.defaults.unit];
      expect(units, title).toHaveLength(type === "table" ? (targets?.length ?? 0) : 1);
      for (const used of units ?? []) expect(Object.values(unit), title).toContain(used);
    }
  });

  test("gives every panel a place of its own within the 24 columns, under a heading", () => {
    const cells = new Map<string, string>();
    expect(all(dashboard)[0]?.type).toBe("row");
    for (const { title, gridPos } of all(dashboard)) {
      const { x = -1, y = -1, w = 0, h = 0 } = gridPos ?? {};
      expect(x, title).toBeGreaterThanOrEqual(0);
      expect(x + w, title).toBeLessThanOrEqual(24);
      expect(w * h, title).toBeGreaterThan(0);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          const cell = `${column},${row}`;
          expect(cells.get(cell), `${title} lies on`).toBeUndefined();
          cells.set(cell, title ?? "");
        }
      }
    }
  });

  test("numbers its panels, so that a link to one stays good", () => {
    expect(all(dashboard).map(({ id }) => id)).toEqual(all(dashboard).map((_, index) => index + 1));
  });

  test("tells the queries of a panel apart", () => {
    for (const { title, targets } of panels(dashboard)) {
      const letters = (targets ?? []).map((target) => (target as { refId?: string }).refId);
      expect(letters, title).toEqual(letters.map((_, index) => String.fromCharCode(65 + index)));
    }
  });
});

describe("the kinds of panels", () => {
  const [overview] = read(stackConfig(everything));
  const panel = (title: string) => panels(overview as Dashboard).find((each) => each.title === title);

  test("a number is asked for once, and coloured by what it means", () => {
    const alerts = panel("Critical alerts");
    expect(alerts?.type).toBe("stat");
    expect(alerts?.targets).toMatchObject([{ instant: true, range: false }]);
    expect(alerts?.fieldConfig?.defaults.thresholds?.steps).toEqual([
      { value: null, color: "green" },
      { value: 1, color: "red" },
    ]);
  });

  test("a graph has its limits dashed", () => {
    const burn = panel("How fast availability's budget burns");
    expect(burn?.type).toBe("timeseries");
    const dashed = burn?.fieldConfig?.overrides.map(({ matcher }) => matcher.options);
    expect(dashed).toEqual(["page (1h)", "page (6h)", "ticket (1d)", "ticket (3d)"]);
    expect(burn?.targets).toHaveLength(8);
    expect(burn?.targets).toContainEqual(
      expect.objectContaining({ expr: "vector(14.4)", legendFormat: "page (1h)" }),
    );
  });

  test("a table has a column for each label and each value, in that order and by its heading", () => {
    const objectives = panel("Objectives");
    expect(objectives?.type).toBe("table");
    const organize = objectives?.transformations?.find(({ id }) => id === "organize")?.options as {
      indexByName: Record<string, number>;
      renameByName: Record<string, string>;
      excludeByName: Record<string, boolean>;
    };
    expect(organize.excludeByName).toEqual({ Time: true });
    expect(Object.keys(organize.indexByName).map((name) => organize.renameByName[name])).toEqual([
      "Objective",
      "Promised",
      "Days",
      "Kept",
      "Budget left",
      "Burn rate now",
    ]);
  });

  test("an alert's name leads to its runbook", () => {
    const link = panel("Firing")?.fieldConfig?.overrides.find(({ matcher }) => matcher.options === "Alert");
    expect(link?.properties[0]?.value).toMatchObject([
      { url: expect.stringMatching(/^https:\/\/.*\/docs\/runbooks\/\$\{__value\.text\}\.md$/) },
    ]);
  });
});
