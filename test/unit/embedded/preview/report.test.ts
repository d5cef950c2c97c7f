import { describe, expect, it } from "vitest";
import { newOperation } from "../../../../embedded/engine/events.ts";
import type { ProviderChoice } from "../../../../embedded/engine/providers.ts";
import { Screen } from "../../../../embedded/local/terminal/screen.ts";
import { previewReport, renderPreview } from "../../../../embedded/preview/report.ts";

const { colours } = new Screen({ write: () => {} }, {});
const URN = "urn:pulumi:staging::attic::kubernetes:core/v1:Namespace::nix-cache";

function result(withheld: string[] = []) {
  const operation = newOperation();
  operation.resources.set(URN, {
    urn: URN,
    type: "kubernetes:core/v1:Namespace",
    name: "nix-cache",
    parent: "",
    custom: true,
    op: "create",
    status: "done",
    startedAt: 0,
    waitingFor: undefined,
    diff: [],
  });
  return {
    changes: { create: 1 } as never,
    outputs: {
      url: { value: "https://cache.test/", secret: false },
      publicKey: { value: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", secret: false },
      privateKey: { value: "[secret]", secret: true },
    },
    operation,
    diagnostics: [{ severity: "advice" as const, urn: URN, message: "pack/labels: has none\nadd some" }],
    withheld,
    logPath: "/l/x.log",
    milliseconds: 1_900,
  };
}

const PROVIDERS: ProviderChoice[] = [
  { name: "kubernetes", version: "4.34.2", kind: "stand-in", description: "stand-in: x" },
  { name: "aws", version: "7.48.0", kind: "stand-in", description: "stand-in: y" },
];

describe("renderPreview", () => {
  it("says what a first up makes, and what was not asked", () => {
    const run = result(["attic:password"]);
    const report = previewReport("staging", run, PROVIDERS, { againstCluster: false, policyPack: undefined });
    expect(renderPreview(report, run.operation, colours, 100)).toMatchInlineSnapshot(`
      [
        "stack staging: 1 to create",
        "└─ + Namespace nix-cache",
        "",
        "Outputs",
        "  url         https://cache.test/",
        "  publicKey   (known after up)",
        "  privateKey  [secret]",
        "",
        "Remarks",
        "  advice Namespace nix-cache",
        "    pack/labels: has none",
        "    add some",
        "",
        "What a first \`up\` makes, on an empty state, in 1.9 s: no cluster and no cloud was asked. Stand-ins served kubernetes.",
        "Encrypted values are not needed here; a placeholder stood in for: attic:password",
      ]
    `);
  });

  it("compared with a cluster says so", () => {
    const run = result();
    const report = previewReport("local", run, PROVIDERS, { againstCluster: true, policyPack: undefined });
    expect(renderPreview(report, run.operation, colours, 100).at(-1)).toMatch(/^Compared with what/);
  });
});
