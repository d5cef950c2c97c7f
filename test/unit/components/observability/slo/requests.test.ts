import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buckets } from "../../../../../components/ingress/requirements.ts";
import {
  type RouteId,
  refusalService,
  routes,
  serviceLabel,
  serviceLabels,
} from "../../../../../components/ingress/routes.ts";
import type { Indicator } from "../../../../../components/observability/slo/objectives.ts";
import { anyBucket, anyRequest, requests } from "../../../../../components/observability/slo/requests.ts";
import { type LabelMatcher, labelMatchers } from "../../../../support/promql.ts";

const every = Object.keys(routes) as RouteId[];
const failing: Indicator = { routes: ["narinfo"], bad: { answered: "5.." } };
const slow = (afterSeconds: number): Indicator => ({
  routes: ["narinfo"],
  answered: "2..",
  bad: { afterSeconds },
});

/** Whether a label's value is selected; the expression has to match the whole of it, as in Prometheus. */
const selects = ({ op, value }: LabelMatcher, label: string) =>
  op === "=~" ? new RegExp(`^(?:${value})$`).test(label) : op === "=" && value === label;

const matcher = (query: string, label: string) =>
  labelMatchers(query).find((each) => each.label === label) as LabelMatcher;

describe("requests", () => {
  test("that failed are those answered so, and none where that never happened", () => {
    expect(requests("nix-cache", failing, "1h")).toEqual({
      all: 'sum(rate(traefik_router_requests_total{service="nix-cache-attic-narinfo@kubernetescrd"}[1h]))',
      bad:
        '(sum(rate(traefik_router_requests_total{service="nix-cache-attic-narinfo@kubernetescrd", code=~"5.."}[1h]))' +
        ' or 0 * sum(rate(traefik_router_requests_total{service="nix-cache-attic-narinfo@kubernetescrd"}[1h])))',
    });
  });

  test("that were slow are all but those in the bucket, of the answers that count", () => {
    const of = 'service="nix-cache-attic-narinfo@kubernetescrd", code=~"2.."';
    const all = `sum(rate(traefik_router_request_duration_seconds_count{${of}}[5m]))`;
    expect(requests("nix-cache", slow(0.5), "5m")).toEqual({
      all,
      bad: `(${all} - sum(rate(traefik_router_request_duration_seconds_bucket{${of}, le=~"0[.]5"}[5m])))`,
    });
  });

  test("that were slow are not taken for zero where the histogram lacks the bound", () => {
    expect(requests("nix-cache", slow(0.5), "5m").bad).not.toContain("or 0");
  });

  test("are selected of their routes, of no other, of no other stack, and never those refused", () => {
    const namespace = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    const some = fc.subarray(every, { minLength: 1 });
    fc.assert(
      fc.property(namespace, namespace, some, (own, other, routes) => {
        fc.pre(own !== other);
        const service = matcher(requests(own, { ...failing, routes }, "5m").all, "service");
        for (const [route, label] of Object.entries(serviceLabels(own))) {
          expect(selects(service, label)).toBe(routes.includes(route as RouteId));
        }
        expect(selects(service, serviceLabel(own, refusalService))).toBe(false);
        for (const label of Object.values(serviceLabels(other))) expect(selects(service, label)).toBe(false);
      }),
    );
  });

  test.each(buckets)(
    "within %d s are selected by that bound as Prometheus writes it, and by no other",
    (bound) => {
      const le = matcher(requests("nix-cache", slow(bound), "5m").bad, "le");
      // Until version 2 as Traefik does, from version 3 on with a digit behind the point.
      const spelled = (value: number) => [`${value}`, Number.isInteger(value) ? `${value}.0` : `${value}`];
      for (const other of buckets) {
        for (const text of spelled(other)) expect(selects(le, text)).toBe(other === bound);
      }
    },
  );

  test("within a time that is no bound of the histogram are refused", () => {
    const times = fc
      .double({ min: 0, noNaN: true })
      .filter((time) => !(buckets as readonly number[]).includes(time));
    fc.assert(
      fc.property(times, (time) => {
        expect(() => requests("nix-cache", slow(time), "5m")).toThrow(
          "is no bound of the histogram, which has 0.1, 0.2",
        );
      }),
    );
  });
});

test("any request is one of any route, but not one that was refused", () => {
  const service = matcher(anyRequest("nix-cache"), "service");
  for (const label of Object.values(serviceLabels("nix-cache"))) expect(selects(service, label)).toBe(true);
  expect(selects(service, serviceLabel("nix-cache", refusalService))).toBe(false);
});

test("any bucket is one of the bounds, however Prometheus writes them", () => {
  const le = matcher(anyBucket("nix-cache", [0.5, 30]), "le");
  expect(["0.5", "30", "30.0"].every((bound) => selects(le, bound))).toBe(true);
  expect(["0", "5", "0.50", "300", "3", "+Inf"].some((bound) => selects(le, bound))).toBe(false);
});
