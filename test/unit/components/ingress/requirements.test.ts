import { describe, expect, test } from "vitest";
import { buckets, requirements, traefikArguments } from "../../../../components/ingress/requirements.ts";
import { stackConfig } from "../../../support/settings.ts";

const proxied = stackConfig({
  ingress: { trustedProxyDepth: 1, trustedProxies: ["10.0.0.0/16", "10.1.0.0/16"] },
});

describe("what the Traefik installation must have", () => {
  test("is, as arguments", () => {
    expect(traefikArguments(stackConfig())).toEqual([
      "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=0s",
      "--entryPoints.websecure.transport.respondingTimeouts.writeTimeout=0s",
      "--entryPoints.websecure.transport.lifeCycle.graceTimeOut=180s",
      "--providers.kubernetesCRD.allowEmptyServices=true",
      "--providers.kubernetesCRD.allowCrossNamespace=false",
      "--metrics.prometheus.addRoutersLabels=true",
      "--metrics.prometheus.addEntryPointsLabels=true",
      "--metrics.prometheus.buckets=0.1,0.2,0.3,0.5,1,1.2,2,5,30",
    ]);
  });

  test("is about the entry point that is configured", () => {
    const config = stackConfig({ ingress: { secureEntryPoint: "https" } });
    expect(traefikArguments(config)[0]).toMatch(/^--entryPoints\.https\./);
  });

  test("gives uploads as long as the cache's own pods do", () => {
    const config = stackConfig({ api: { terminationGracePeriodSeconds: 300 } });
    expect(traefikArguments(config)).toContain(
      "--entryPoints.websecure.transport.lifeCycle.graceTimeOut=300s",
    );
  });

  test("trusts proxies where clients come through some, and nobody else", () => {
    const trust = "--entryPoints.websecure.forwardedHeaders.trustedIPs=10.0.0.0/16,10.1.0.0/16";
    expect(traefikArguments(proxied)).toContain(trust);
    expect(traefikArguments(stackConfig()).join()).not.toContain("trustedIPs");
  });

  test("says of each what goes wrong without it", () => {
    for (const { why } of requirements(proxied)) expect(why.length).toBeGreaterThan(20);
  });
});

test("the latency objectives' thresholds are bounds of the histogram", () => {
  // 200 ms, 500 ms, 1 s, 2 s and 30 s.
  expect(buckets).toEqual(expect.arrayContaining([0.2, 0.5, 1, 2, 30]));
  expect([...buckets]).toEqual(buckets.toSorted((a, b) => a - b));
});
