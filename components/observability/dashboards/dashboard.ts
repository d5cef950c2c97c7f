import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  type Panel,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { StackConfig } from "../../../config/index.ts";
import { partOf } from "../../attic/names.ts";
import { checksum } from "../../kubernetes/checksum.ts";

/** One dashboard of the stack. */
export interface Dashboard {
  /** What it is about, in one word of a URL; it never changes. */
  name: string;
  /** Its title in Grafana, without the stack's namespace. */
  title: string;
  /** The question that it answers. */
  description: string;
  /** What is shown at first, as Grafana writes it, for instance `now-6h`. @default the last six hours */
  from?: string;
  /** Its rows, from top to bottom. */
  sections: readonly Section[];
}

/** Panels under one heading. They fill lines of 24 columns from left to right. */
export interface Section {
  title: string;
  panels: readonly Panel[];
}

/**
 * What Grafana knows a dashboard by, for instance in `/d/<uid>`. It stays the same over every change of the
 * dashboard. Two stacks in one cluster share a Grafana, so the namespace goes into it; as a checksum, because a uid
 * has 40 characters at most.
 */
export function uid({ namespace }: StackConfig, name: string): string {
  return `${partOf}-${name}-${checksum(namespace).slice(0, 8)}`;
}

/** A dashboard as Grafana's JSON. The same input gives the same bytes: it holds no time and no random number. */
export function grafanaDashboard(config: StackConfig, dashboard: Dashboard): GrafanaDashboard {
  const { dashboards, rules } = config.observability;
  const builder = new DashboardBuilder(`${dashboard.title} (${config.namespace})`)
    .uid(uid(config, dashboard.name))
    .description(dashboard.description)
    .tags([partOf, config.namespace])
    // What the program makes, the program changes; Grafana offers a copy.
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: dashboard.from ?? "now-6h", to: "now" })
    .refresh("1m")
    .withVariable(
      new DatasourceVariableBuilder("datasource")
        .label("Data source")
        .type("prometheus")
        .current({ text: dashboards.datasource, value: dashboards.datasource }),
    )
    .link(
      new DashboardLinkBuilder("Other dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([partOf, config.namespace])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
    .link(
      new DashboardLinkBuilder("Runbooks")
        .type(DashboardLinkType.Link)
        .url(rules.runbooks)
        .icon("doc")
        .targetBlank(true),
    );
  let id = 0;
  for (const { title, panels } of dashboard.sections) {
    id += 1;
    builder.withRow(new RowBuilder(title).id(id));
    for (const panel of panels) {
      id += 1;
      const numbered = { ...panel, id };
      builder.withPanel({ build: () => numbered });
    }
  }
  const built = builder.build();
  // The SDK puts links into a menu, unasked.
  for (const link of built.links ?? []) delete link.placement;
  return built;
}
