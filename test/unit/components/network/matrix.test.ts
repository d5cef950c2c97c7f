import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { networkPolicies } from "../../../../components/network/policies.ts";
import { between, others, ours } from "../../../../judges/network-policies/actors.ts";
import { stackConfig } from "../../../support/settings.ts";
import { clusterStack, matrix } from "./actors.ts";

/** The same tables stand in docs/network.md. */
const intoTheNamespace = `
| from ↓ to →       | API  | garbage collector | migration | database  | database job | ACME solver | other pod |
|-------------------|------|-------------------|-----------|-----------|--------------|-------------|-----------|
| API               | –    | –                 | –         | 5432      | –            | –           | –         |
| garbage collector | –    | –                 | –         | 5432      | –            | –           | –         |
| migration         | –    | –                 | –         | 5432      | –            | –           | –         |
| database          | –    | –                 | –         | 5432 8000 | –            | –           | –         |
| database job      | –    | –                 | –         | 5432      | –            | –           | –         |
| ACME solver       | –    | –                 | –         | –         | –            | –           | –         |
| other pod         | –    | –                 | –         | –         | –            | –           | –         |
| Traefik           | 8080 | –                 | –         | –         | –            | 8089        | –         |
| beside Traefik    | –    | –                 | –         | –         | –            | –           | –         |
| Prometheus        | –    | –                 | –         | 9187      | –            | –           | –         |
| operator          | –    | –                 | –         | 5432 8000 | –            | –           | –         |
| DNS               | –    | –                 | –         | –         | –            | –           | –         |
| DNS cache         | –    | –                 | –         | –         | –            | –           | –         |
| pod elsewhere     | –    | –                 | –         | –         | –            | –           | –         |
| API server        | –    | –                 | –         | –         | –            | –           | –         |
| object store      | –    | –                 | –         | –         | –            | –           | –         |
| internet          | –    | –                 | –         | –         | –            | –           | –         |
| metadata          | –    | –                 | –         | –         | –            | –           | –         |
`.trim();

const outOfTheNamespace = `
| from ↓ to →       | Traefik  | beside Traefik | Prometheus | operator | DNS                | DNS cache | pod elsewhere | API server | object store | internet | metadata |
|-------------------|----------|----------------|------------|----------|--------------------|-----------|---------------|------------|--------------|----------|----------|
| API               | 443      | 443            | 443        | 443      | 53 443 53/udp      | 53 53/udp | 443           | 443        | 443          | 443      | –        |
| garbage collector | 443      | 443            | 443        | 443      | 53 443 53/udp      | 53 53/udp | 443           | 443        | 443          | 443      | –        |
| migration         | –        | –              | –          | –        | 53 53/udp          | 53 53/udp | –             | –          | –            | –        | –        |
| database          | 443 6443 | 443 6443       | 443 6443   | 443 6443 | 53 443 6443 53/udp | 53 53/udp | 443 6443      | 443 6443   | 443 6443     | 443 6443 | –        |
| database job      | 443 6443 | 443 6443       | 443 6443   | 443 6443 | 53 443 6443 53/udp | 53 53/udp | 443 6443      | 443 6443   | 443 6443     | 443 6443 | –        |
| ACME solver       | –        | –              | –          | –        | –                  | –         | –             | –          | –            | –        | –        |
| other pod         | –        | –              | –          | –        | –                  | –         | –             | –          | –            | –        | –        |
`.trim();

const outWithNarrowRanges = `
| from ↓ to →       | Traefik | beside Traefik | Prometheus | operator | DNS       | DNS cache | pod elsewhere | API server | object store | internet | metadata |
|-------------------|---------|----------------|------------|----------|-----------|-----------|---------------|------------|--------------|----------|----------|
| API               | –       | –              | –          | –        | 53 53/udp | 53 53/udp | –             | –          | 443          | –        | –        |
| garbage collector | –       | –              | –          | –        | 53 53/udp | 53 53/udp | –             | –          | 443          | –        | –        |
| migration         | –       | –              | –          | –        | 53 53/udp | 53 53/udp | –             | –          | –            | –        | –        |
| database          | –       | –              | –          | –        | 53 53/udp | 53 53/udp | –             | 443 6443   | 443          | –        | –        |
| database job      | –       | –              | –          | –        | 53 53/udp | 53 53/udp | –             | 443 6443   | 443          | –        | –        |
| ACME solver       | –       | –              | –          | –        | –         | –         | –             | –          | –            | –        | –        |
| other pod         | –       | –              | –          | –        | –         | –         | –             | –          | –            | –        | –        |
`.trim();

/** As docs/network.md advises. */
const narrow = clusterStack({
  apiServer: ["10.96.0.1/32", "10.0.0.10/32"],
  objectStore: ["203.0.113.0/24"],
});

describe("who may connect to whom", () => {
  const guide = readFileSync("docs/network.md", "utf8");

  test("in the namespace, from wherever", () => {
    expect(matrix(clusterStack(), { ...ours, ...others }, ours)).toBe(intoTheNamespace);
    expect(guide).toContain(intoTheNamespace);
  });

  test("out of the namespace", () => {
    expect(matrix(clusterStack(), ours, others)).toBe(outOfTheNamespace);
    expect(guide).toContain(outOfTheNamespace);
  });

  test("out of the namespace, when the ranges are as narrow as the cluster allows", () => {
    expect(matrix(narrow, ours, others)).toBe(outWithNarrowRanges);
    expect(guide).toContain(outWithNarrowRanges);
  });

  test("into the namespace is the same however narrow the ranges are", () => {
    expect(matrix(narrow, { ...ours, ...others }, ours)).toBe(intoTheNamespace);
  });
});

describe("a stack with a database elsewhere", () => {
  const db = { address: "10.0.20.5" };
  const policies = (network = {}) => networkPolicies(stackConfig({ network }));

  test("reaches it at its ranges, on its port alone", () => {
    for (const name of ["API", "garbage collector", "migration"] as const) {
      expect(
        between(policies({ database: ["10.0.20.0/24"], objectStore: ["203.0.113.0/24"] }), ours[name], db),
      ).toBe("5432");
      expect(
        between(policies({ database: ["10.0.21.0/24"], objectStore: ["203.0.113.0/24"] }), ours[name], db),
      ).toBe("–");
    }
  });

  test("has no policy for pods that it does not have, and denies what looks like one", () => {
    expect(policies().map(({ metadata }) => metadata.name)).toEqual([
      "default-deny",
      "attic",
      "attic-gc",
      "attic-migrate",
      "acme-http01-solver",
    ]);
    for (const from of Object.values(others)) expect(between(policies(), from, ours.database)).toBe("–");
  });
});
