import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { requirements } from "../../../../components/ingress/requirements.ts";
import { routes } from "../../../../components/ingress/routes.ts";
import { stackConfig } from "../../../support/settings.ts";

const page = readFileSync("docs/ingress.md", "utf8");

test("the page on the ingress has every requirement of Traefik, with its value", () => {
  const config = stackConfig({ ingress: { trustedProxyDepth: 1, trustedProxies: ["10.0.0.0/16"] } });
  for (const { setting, value } of requirements(config)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${setting}\` |`));
    expect(row, setting).toBeDefined();
    if (!setting.endsWith("trustedIPs")) expect(row).toContain(`\`${value}\``);
  }
});

test("the page on the ingress has every route, with its priority and its TraefikService", () => {
  for (const [id, { priority, service }] of Object.entries(routes)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${id}\` |`));
    expect(row, id).toContain(`| ${priority} | \`${service}\` |`);
  }
});

test("the page on the ingress has the defaults of the limits", () => {
  const { rateLimit, uploadsInFlight } = stackConfig().ingress;
  expect(page).toContain(`| ${rateLimit.average}, ${rateLimit.burst} | 429 |`);
  expect(page).toContain(`| ${uploadsInFlight} | 429 |`);
});
