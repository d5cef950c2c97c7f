import { describe, expect, test } from "vitest";
import { Ingress, type IngressArgs } from "../../../../components/ingress/index.ts";
import { type Recording, record } from "../../../../render/record.ts";
import { find } from "../../../support/record.ts";
import { raw, stackConfig } from "../../../support/settings.ts";

function recorded(args: Partial<IngressArgs> = {}, preview = false): Promise<Recording> {
  const program = async () => {
    new Ingress("ingress", { config: stackConfig(), ...args });
    return {};
  };
  return record(program, { stack: "test", config: raw({}), preview });
}

const made = ({ resources }: Recording) =>
  resources.filter(({ custom }) => custom).map(({ type, name }) => `${type.split(":").pop()} ${name}`);

describe.each([
  ["in a preview", true],
  ["in an update", false],
])("the ingress, %s", (_, preview) => {
  test("is these objects and no others", async () => {
    expect(made(await recorded({}, preview)).sort()).toEqual([
      "Certificate attic",
      "IngressRoute attic",
      "IngressRoute attic-redirect",
      "Middleware attic-headers",
      "Middleware attic-https",
      "Middleware attic-rate-limit",
      "Middleware attic-retry",
      "Middleware attic-uploads-in-flight",
      "ServersTransport attic",
      "TraefikService attic-api",
      "TraefikService attic-cache-info",
      "TraefikService attic-nar",
      "TraefikService attic-narinfo",
      "TraefikService attic-other",
      "TraefikService attic-upload",
    ]);
  });

  test("routes when the certificate and all that the routes name are there", async () => {
    const recording = await recorded({}, preview);
    const before = find(recording, "IngressRoute", "attic").dependsOn.map((urn) => urn.split("::").pop());
    expect(before.sort()).toEqual([
      "attic",
      "attic-api",
      "attic-cache-info",
      "attic-headers",
      "attic-https",
      "attic-nar",
      "attic-narinfo",
      "attic-other",
      "attic-rate-limit",
      "attic-retry",
      "attic-upload",
      "attic-uploads-in-flight",
    ]);
  });
});

test("redirects without waiting for the certificate, whose challenge may come by plain HTTP", async () => {
  const recording = await recorded();
  const certificate = find(recording, "Certificate", "attic").urn;
  expect(find(recording, "IngressRoute", "attic-redirect").dependsOn).not.toContain(certificate);
});

test("has what refuses requests only where some are refused", async () => {
  const refusing = made(await recorded({ refusals: ["Path(`/x`)"] }));
  const added = refusing.filter((name) => /refuse/.test(name));
  expect(added.sort()).toEqual(["Middleware attic-refuse", "TraefikService attic-refused"]);
  expect(made(await recorded()).join()).not.toMatch(/refuse/);
});
