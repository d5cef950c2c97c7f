import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { domains, policies } from "../../../policies/all.ts";
import type { Setting } from "../../../policies/framework/settings.ts";
import { planRules } from "../../../policies/plan.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/policies.md"), "utf8");

/** A default as the page writes it. */
function shown({ default: value }: Setting<unknown>): string {
  if (!Array.isArray(value)) return String(value);
  if (value.length > 3) return `${value.length} of them`;
  return value.map((item) => `\`${item}\``).join(", ") || "none";
}

describe("docs/policies.md", () => {
  test.each(Object.entries(domains))("lists the policies on %s as they are", (domain, policies) => {
    const [, section = ""] = page.split(`### ${domain[0]?.toUpperCase()}${domain.slice(1)}\n`);
    const rows = section.split("\n#")[0]?.match(/^\| `.*$/gm);
    expect(rows).toEqual(
      policies.map(({ name, description, ...policy }) => {
        const settings = "settings" in policy ? (policy.settings as Record<string, Setting<unknown>>) : {};
        const cells = Object.entries(settings ?? {}).map(
          ([key, setting]) => `\`${key}\` (${shown(setting)})`,
        );
        return `| \`${name}\` | ${description} | ${cells.join("; ")}${cells.length > 0 ? " " : ""}|`;
      }),
    );
  });

  test("says that all are mandatory, as they are", () => {
    expect(page).toContain("All policies are **mandatory**");
    expect(policies.filter(({ level }) => level !== "mandatory")).toEqual([]);
  });

  test("lists the rules over plans", () => {
    const [, section = ""] = page.split("## Plans\n");
    const names = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
    expect(names).toEqual(Object.keys(planRules));
  });

  test("names those that can put things right", () => {
    const able = policies
      .filter((policy) => policy.scope === "resource" && policy.remediate)
      .map(({ name }) => name);
    expect(able.sort()).toEqual(["recommended-labels", "seccomp"]);
  });
});
