import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { identity } from "../../../../components/attic/process.ts";
import { auditRetention } from "../../../../components/observability/logs.ts";
import type { Settings } from "../../../../config/schema/index.ts";
import { stackConfig } from "../../../support/settings.ts";

const ownDatabase = (settings: Partial<Settings> = {}) =>
  stackConfig({
    ...settings,
    database: { provider: "cloudNativePg", cloudNativePg: { backup: { enabled: false } } },
  });

describe("what keeps the audit log", () => {
  test("is a rule on the streams of the stack's PostgreSQL, for 90 days unless something else is asked", () => {
    expect(auditRetention(ownDatabase())).toEqual({
      selector: '{namespace="nix-cache", container="postgres"}',
      priority: 1,
      period: "90d",
    });
    const other = ownDatabase({ namespace: "cache", observability: { logs: { auditRetentionDays: 365 } } });
    expect(auditRetention(other)).toMatchObject({
      selector: '{namespace="cache", container="postgres"}',
      period: "365d",
    });
  });

  test("is nothing for a database elsewhere", () => {
    expect(auditRetention(stackConfig())).toBeUndefined();
  });
});

describe("the page on logs", () => {
  const page = readFileSync("docs/logs.md", "utf8");
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, block = ""]) => block);

  test("has the default of the server's filter, and of the retention", () => {
    const { server, observability } = stackConfig();
    expect(page).toContain(`by default \`${server.log}\``);
    expect(page).toContain(`auditRetentionDays\` (${observability.logs.auditRetentionDays})`);
  });

  test("has the retention rule that is put out", () => {
    const [loki] = blocks("yaml").map((block) => parse(block));
    expect(loki.limits_config.retention_stream).toEqual([auditRetention(ownDatabase())]);
  });

  test("has the names and components that the pods carry", () => {
    const carried = page.slice(page.indexOf("## Collecting"), page.indexOf("```alloy"));
    for (const role of ["api", "gc", "migrations"] as const) {
      const { name, component, partOf } = identity(role, stackConfig().image);
      for (const text of [name, component]) expect(carried).toContain(`\`${text}\``);
      expect(carried).toContain(`app.kubernetes.io/part-of: ${partOf}`);
    }
  });

  test("asks for logs by labels that its collector sets", () => {
    const [alloy = ""] = blocks("alloy");
    const set = [...alloy.matchAll(/target_label\s+= "(\w+)"/g)].map(([, label]) => label);
    expect(set).toEqual(["namespace", "pod", "container", "app", "component"]);
    expect(blocks("logql")).toHaveLength(6);
    for (const query of blocks("logql")) {
      const [, selector = ""] = /^\{(.*?)\}/.exec(query) ?? [];
      const asked = [...selector.matchAll(/(\w+)=~?"/g)].map(([, label]) => label);
      expect(asked.length, query).toBeGreaterThan(0);
      for (const label of asked) expect(set, query).toContain(label);
    }
  });

  test("has an audit policy that never logs what is in a Secret", () => {
    const policy = blocks("yaml")
      .map((block) => parse(block))
      .find(({ kind }) => kind === "Policy");
    expect(policy.apiVersion).toBe("audit.k8s.io/v1");
    expect(policy.rules.map(({ level }: { level: string }) => level)).toEqual([
      "Metadata",
      "Metadata",
      "Metadata",
    ]);
    expect(policy.rules[0].resources).toEqual([{ group: "", resources: ["secrets"] }]);
  });
});
