import { describe, expect, it } from "vitest";
import { ApiError } from "../../../../../../embedded/providers/kubernetes/api.ts";
import {
  type Event,
  eventReasons,
  warningsAbout,
} from "../../../../../../embedded/providers/kubernetes/await/events.ts";
import { podReasons } from "../../../../../../embedded/providers/kubernetes/await/pods.ts";
import type { Look } from "../../../../../../embedded/providers/kubernetes/await/verdict.ts";
import { condition, object } from "../objects.ts";

const pod = (status: object, name = "web-1") => object("Pod", status, {}, { name });
const container = (state: object, more: object = {}) => ({ name: "attic", ready: false, state, ...more });

describe("what a failing pod says", () => {
  it.each([
    [
      "no node fits",
      { conditions: [condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")] },
      "Unschedulable: 0/3 nodes are available",
    ],
    [
      "its image can't be had",
      {
        containerStatuses: [
          container({ waiting: { reason: "ImagePullBackOff", message: "Back-off pulling x" } }),
        ],
      },
      "container attic: ImagePullBackOff: Back-off pulling x",
    ],
    [
      "it crashes again and again",
      {
        containerStatuses: [
          container(
            { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } },
            { lastState: { terminated: { exitCode: 1, reason: "Error", message: "bad\n config" } } },
          ),
        ],
      },
      "container attic: CrashLoopBackOff: back-off 5m0s, last exit code 1 (Error): bad | config",
    ],
    [
      "it was killed",
      { containerStatuses: [container({ terminated: { exitCode: 137, reason: "OOMKilled" } })] },
      "container attic: exit code 137 (OOMKilled)",
    ],
    [
      "an init container failed",
      { initContainerStatuses: [container({ terminated: { exitCode: 2 } })], containerStatuses: [] },
      "container attic: exit code 2",
    ],
    [
      "it was evicted",
      { phase: "Failed", reason: "Evicted", message: "The node was low on memory" },
      "Evicted: The node was low on memory",
    ],
    [
      "it is not ready",
      { containerStatuses: [container({ running: {} }, { restartCount: 2 })] },
      "container attic: running but not ready, restarted 2 times",
    ],
    ["nothing yet", { phase: "Pending" }, "Pending, not ready"],
  ])("when %s", (_, status, reason) => {
    expect(podReasons([pod(status)])).toEqual([`Pod web-1: ${reason}`]);
  });

  it("is nothing when it is ready, done or going away", () => {
    const going = object("Pod", { phase: "Running" }, {}, { deletionTimestamp: "2030-01-01T00:00:00Z" });
    expect(
      podReasons([pod({ conditions: [condition("Ready", "True")] }), pod({ phase: "Succeeded" }), going]),
    ).toEqual([]);
  });

  it("is told of three pods, and the others counted", () => {
    const lines = podReasons(
      Array.from({ length: 5 }, (_, index) => pod({ phase: "Pending" }, `web-${index}`)),
    );
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe("and 2 more pods like these");
  });
});

describe("warning events", () => {
  const refusing = (code: number) => {
    const list = async () => {
      throw new ApiError({ code, message: "events are not for you" });
    };
    return { cluster: { list }, signal: AbortSignal.timeout(1000) } as unknown as Look;
  };

  it("are none to who may not see them; any other trouble is told", async () => {
    expect(await warningsAbout([object("Job", {})], refusing(403))).toEqual([]);
    await expect(warningsAbout([object("Job", {})], refusing(500))).rejects.toThrow("not for you");
  });

  const event = (message: string, more: Partial<Event> = {}): Event => ({
    ...object("Event", {}),
    reason: "FailedCreate",
    involvedObject: { kind: "ReplicaSet", name: "web-1" },
    message,
    ...more,
  });

  it("are one line each, with how often they happened", () => {
    expect(eventReasons([event("no\n luck", { count: 7 })])).toEqual([
      "Event FailedCreate on ReplicaSet web-1: no | luck (7 times)",
    ]);
  });

  it("that differ only in a made-up pod name are one", () => {
    const lines = eventReasons([
      event('pods "web-1-abcde" is forbidden'),
      event('pods "web-1-fghij" is forbidden'),
    ]);
    expect(lines).toEqual(['Event FailedCreate on ReplicaSet web-1: pods "web-1-fghij" is forbidden']);
  });

  it("are the last five", () => {
    const lines = eventReasons(Array.from({ length: 9 }, (_, index) => event(`number ${index}`)));
    expect(lines.map((line) => line.slice(-1))).toEqual(["4", "5", "6", "7", "8"]);
  });
});
