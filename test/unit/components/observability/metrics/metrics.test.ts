import { describe, expect, test } from "vitest";
import { exporters, metric, series } from "../../../../../components/observability/metrics/index.ts";

describe("the catalogue", () => {
  test("has each metric once", () => {
    const names = exporters.flatMap(({ metrics }) => Object.keys(metrics));
    expect(names).toHaveLength(new Set(names).size);
  });

  test("names of each exporter the version and the file that were looked at", () => {
    for (const { name, version, source } of exporters) {
      expect(version, name).not.toBe("");
      expect(source, name).toMatch(/^[\w-]+\/[\w-]+:[\w./-]+$|^the PrometheusRule /);
    }
  });

  test("keeps to the names that Prometheus takes", () => {
    for (const { metrics } of exporters) {
      for (const [name, { labels }] of Object.entries(metrics)) {
        expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
        for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
      }
    }
  });
});

describe("a metric by name", () => {
  test("comes with its exporter", () => {
    expect(metric("cnpg_collector_up")?.exporter.name).toBe("CloudNativePG's instance manager");
    expect(metric("cnpg_collector_up")?.metric.labels).toEqual(["cluster"]);
  });

  test("is found by the series of a histogram, not by its base, which is none", () => {
    for (const suffix of ["_bucket", "_sum", "_count"]) {
      expect(metric(`traefik_router_request_duration_seconds${suffix}`)?.metric.type).toBe("histogram");
    }
    expect(metric("traefik_router_request_duration_seconds")).toBeUndefined();
  });

  test.each(["attic_gc_runs_total", "http_requests_total", "cnpg_collector_up_count", "constructor", ""])(
    "is not found if nobody exports it: %j",
    (name) => {
      expect(metric(name)).toBeUndefined();
    },
  );
});

describe("a selector", () => {
  test("has texts, texts that it is not, and expressions", () => {
    const matchers = { namespace: "nix-cache", pod: /a-[0-9]+/, usename: { not: "x" } };
    expect(series("cnpg_backends_total", matchers)).toBe(
      'cnpg_backends_total{namespace="nix-cache", pod=~"a-[0-9]+", usename!="x"}',
    );
  });

  test("escapes what would end the text", () => {
    expect(series("cnpg_backends_total", { usename: 'a"b\\c', state: /a\.b/ })).toBe(
      String.raw`cnpg_backends_total{usename="a\"b\\c", state=~"a\\.b"}`,
    );
  });

  test("is of a metric and labels that there are", () => {
    // @ts-expect-error nobody exports it
    series("cnpg_collector_down", {});
    // @ts-expect-error it has no such label
    series("cnpg_collector_up", { node: "a" });
    // @ts-expect-error another exporter's metrics are scraped so
    expect(series("kube_job_failed", { exported_namespace: "a" })).toBe(
      'kube_job_failed{exported_namespace="a"}',
    );
  });
});
