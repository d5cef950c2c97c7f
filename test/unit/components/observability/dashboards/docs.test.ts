import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stackDashboards } from "../../../../../components/observability/dashboards/index.ts";
import { stackConfig } from "../../../../support/settings.ts";
import { everything } from "./stacks.ts";

const page = readFileSync("docs/dashboards.md", "utf8");

test("the page on the dashboards has every dashboard, and no other", () => {
  const table = page.slice(page.indexOf("| dashboard |"), page.indexOf("Start with"));
  const rows = [...table.matchAll(/^\| (\w+) \|/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== "dashboard");
  expect(rows).toEqual(stackDashboards(stackConfig(everything)).map(({ name }) => name));
});

test("the page on the dashboards has the defaults of the settings", () => {
  const { labels, folder, datasource, enabled } = stackConfig().observability.dashboards;
  expect(page).toContain(`| \`enabled\` | \`${enabled}\` |`);
  const [[label, value] = []] = Object.entries(labels);
  expect(page).toContain(`| \`labels\` | \`${label}: "${value}"\` |`);
  expect(page).toContain(`| \`folder\` | \`${folder}\` |`);
  expect(page).toContain(`| \`datasource\` | \`${datasource}\` |`);
});
